"""The one kind of error that the command line shows without a traceback."""

from __future__ import annotations


class PlatformError(Exception):
    """Something that the user can act on: what is wrong, where, and what to do."""
