"""Where gRPC is spoken besides HTTP; it is an extra, and a server that can't speak it does not start."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pressroom.doors.errors import ExtraMissing


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where to listen, and the PEM files for TLS (None: none), the certificate first."""

    host: str
    port: int
    tls: tuple[Path, Path] | None = None


def listening_at(host: str, port: int, certificate: Path | None, key: Path | None) -> Listening | None:
    """Where gRPC is spoken; None where `port` is 0. Raises ExtraMissing."""
    if not port:
        return None
    need("gRPC", "grpc", "grpc", "google.protobuf")
    tls = None if certificate is None or key is None else (certificate, key)
    return Listening(host=host, port=port, tls=tls)


def need(what: str, extra: str, *modules: str) -> None:
    """Raise ExtraMissing where modules of an extra are not installed."""
    for module in modules:
        if not _is_there(module):
            raise ExtraMissing(
                f"{what} needs {module.partition('.')[0]}, which is not installed here.",
                next_step=f"Run: pip install 'pressroom[{extra}]'.",
            )


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
