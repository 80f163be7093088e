"""Chooses free ports on loopback and remembers them between commands."""

from __future__ import annotations

import json
import socket

from include.runtime.errors import PlatformError
from include.settings import state_dir

TRIES = 50


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1 at this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    with socket.socket() as probe:
        # A server on 0.0.0.0 does not stop the bind above on every system, but it answers.
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _book() -> dict[str, dict[str, int]]:
    path = state_dir() / "ports.json"
    found: dict[str, dict[str, int]] = json.loads(path.read_text()) if path.exists() else {}
    return {"ports": {}, "preferred": {}} | found


def remembered() -> dict[str, int]:
    """Ports by service, as last chosen."""
    return _book()["ports"]


def in_use(service: str, preferred: int) -> int:
    """The port of a service: the one last chosen for it, else the preferred one."""
    return remembered().get(service, preferred)


def choose(service: str, preferred: int) -> int:
    """The port for a service that is about to start: the last one, the preferred one, or the next free.

    Raises:
        PlatformError: none of the next ports is free.
    """
    book = _book()
    ports = book["ports"]
    # A changed preference counts for more than what was chosen before.
    last = ports.get(service) if book["preferred"].get(service) == preferred else None
    candidates: list[int] = [last or preferred, *range(preferred, preferred + TRIES)]
    for port in candidates:
        if is_free(port) and port not in (other for name, other in ports.items() if name != service):
            ports[service], book["preferred"][service] = port, preferred
            (state_dir() / "ports.json").write_text(json.dumps(book))
            return port
    raise PlatformError(
        f"no free port for {service} from {preferred} to {preferred + TRIES - 1}: free one, or set another"
    )
