"""Checks of the machine before anything is started."""

from __future__ import annotations

import os
import shutil
import sys

from include.runtime.errors import PlatformError
from include.settings import state_dir

MINIMUM_PYTHON = (3, 11)
NEEDED_GIB = 2


def check_machine() -> None:
    """Python, a writable state folder, disk space.

    Raises:
        PlatformError: what is missing, and what to do.
    """
    if sys.version_info < MINIMUM_PYTHON:
        raise PlatformError(
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: make setup PYTHON=python3.11"
        )
    folder = state_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlatformError(f"{folder} cannot be made ({error.strerror}): set FSO_HOME to a folder of yours") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PlatformError(
            f"{folder} is not writable for this user: change its owner, or set FSO_HOME to a folder of yours"
        )
    free = shutil.disk_usage(folder).free / 2**30
    if free < NEEDED_GIB:
        raise PlatformError(
            f"{folder} has {free:.1f} GiB free, {NEEDED_GIB} are needed: free some, or set FSO_HOME elsewhere"
        )
