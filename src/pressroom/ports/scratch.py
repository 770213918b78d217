"""Scratch: files that a piece of work needs for a while, and that outlive its being killed."""

from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol


class Scratch(Protocol):
    """Files under names like `answers/tail/3`, which any process that gets a copy of this (pickled) sees the same.

    A backend whose files live in one process alone says so, and is used where the work stays in it.
    """

    def write(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A new file, there under its name (in the place of an older one) once the block ends without an error, whole;
        else not at all. Raises NoSpace, also while it is written, which names the place to free.
        """
        ...

    def read(self, name: str) -> BinaryIO:
        """A file, to read and seek in. Raises NotFound."""
        ...

    def names(self, prefix: str = "") -> list[str]:
        """The names of the files there are, sorted: all, or those that start so."""
        ...

    def hold(self, name: str) -> AbstractContextManager[None]:
        """Keep others, in this process or another, from holding the same name while the block runs; whoever is killed
        holds nothing any more. Raises Held.
        """
        ...

    def remove(self, prefix: str) -> None:
        """Remove the files whose names start so (all: ""), and what killed writers of such files left behind; what is
        not there is no error.
        """
        ...
