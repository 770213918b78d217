"""How a server of the house listens: on a port that is free, with the certificate that is named, its log on stderr."""

import logging
import os
import socket
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from granian.log import LOGGING_CONFIG

from pressroom.doors.errors import PortTaken, UnreadableKey

_logger = logging.getLogger(__name__)


def check_free(host: str, port: int) -> None:
    """Refuse a port that another process serves: workers share theirs, and would share it with a stranger too."""
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        raise PortTaken(
            f"{host}:{port} can't be listened on: {error.strerror or error}.",
            next_step="Stop what listens there, or choose another with --port.",
        ) from error


def tls_files(folder: Path, certificate: str, key: str, *, section: str) -> tuple[Path | None, Path | None]:
    """The PEM files that a section of the settings names, the certificate first; None for both where it names none.

    Raises UnreadableKey.
    """
    if not certificate:
        return None, None
    paths = folder / certificate, folder / key
    for path in paths:
        if not os.access(path, os.R_OK):
            raise UnreadableKey(f"{path} can't be read.", next_step=f"Mend tls_cert and tls_key in [{section}].")
    return paths


def warn_where_anybody_may_ask(host: str, *, tokens: bool, section: str, what: str) -> None:
    """Say so, in one line of the log, when a server listens to other machines and asks nobody for a token.

    `what` names what others could do. Loopback addresses are for this machine alone; a name is looked up.
    """
    if not tokens and not _is_this_machine(host):
        _logger.warning(
            "Whoever reaches %s can %s: no token is asked for. Write tokens = true in [%s] of pressroom.toml "
            "(pressroom token create NAME makes one), or listen on 127.0.0.1.",
            host,
            what,
            section,
        )


def _is_this_machine(host: str) -> bool:
    try:
        found = {where[0] for *_, where in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
        return all(ip_address(str(address).partition("%")[0]).is_loopback for address in found)
    except (OSError, ValueError):
        return False


def logging_to_stderr() -> dict[str, Any]:
    """The server's own log on stderr: stdout belongs to what was asked for."""
    told: dict[str, Any] = dict(LOGGING_CONFIG)
    handlers = {name: {**handler, "stream": "ext://sys.stderr"} for name, handler in told["handlers"].items()}
    return {**told, "handlers": handlers}
