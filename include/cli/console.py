"""Where the command line writes: results to standard output, progress and errors to standard error."""

from __future__ import annotations

import sys

from rich.console import Console

# In a file or a pipe nothing is gained by cutting tables at 80 columns.
WIDE = 200
out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, soft_wrap=True, highlight=False, width=None if sys.stderr.isatty() else WIDE)
