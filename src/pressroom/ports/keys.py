"""Keys: small values by key, read in microseconds. The online side of features."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol


class Keys(Protocol):
    """A map from bytes to bytes, shared by several processes.

    What it holds is worked out from facts and can be worked out again, so a backend may lose the last writes in a power
    cut (never part of one call), but never in a `kill -9`.
    """

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The values of `keys`, in their order; None where there is none."""
        ...

    def put_many(self, items: Mapping[bytes, bytes]) -> None:
        """Set all of `items`: readers see all of them or none. Raises NoSpace."""
        ...

    def delete_many(self, keys: Sequence[bytes]) -> None:
        """Remove `keys`; removing what is not there is no error."""
        ...

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Every pair whose key starts with `prefix`, in the order of the keys."""
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Keep other writers who ask for the same out, in all processes, while in the block. Readers go on."""
        ...

    def scrub(self) -> None:
        """Make what was removed or replaced before unreadable: no byte of it stays in what this store keeps.

        Slow (everything may be written anew), and meant for the forgetting of a subject. Raises NoSpace, and
        BackendError while a reader elsewhere holds on to an older state.
        """
        ...

    def close(self) -> None:
        """Give back files and connections."""
        ...
