"""Permits: what a workspace lets be loaded beyond data. By default: nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pressroom.values import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How an isolated process is kept: bytes of memory, seconds for loading and for one request, and whether it may
    run on a machine that can't keep it from the network or from this user's files.
    """

    memory_bytes: int = 4 << 30
    load_s: float = 60.0
    request_s: float = 10.0
    half_fenced: bool = False


def _nobody(_: Digest) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Permits:
    """`types` are dotted names that reviewed files may be made of; they are the workspace's, never the file's.
    `trusted` says whether a package's owner signed for its code. A type `mine.steps.*` stands for all that begins so.
    """

    types: tuple[str, ...] = ()
    trusted: Callable[[Digest], bool] = field(default=_nobody)
    limits: Limits = field(default_factory=Limits)

    def allows(self, name: str) -> bool:
        """Whether files may be made of this type."""
        return any(name == one or (one.endswith("*") and name.startswith(one[:-1])) for one in self.types)


DATA_ONLY = Permits()
