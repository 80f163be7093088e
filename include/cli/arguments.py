"""Arguments that several commands have."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD")]
