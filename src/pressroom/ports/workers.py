"""Workers: the same function for many tasks, wherever there is room for it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from pressroom.values import Document

Work = Callable[[Document], Document]
"""What is done with one task. It is sent to where the work is done: a function of a module, or an object of a class of
a module whose fields can be pickled. Doing a task twice does no harm."""


class Workers(Protocol):
    """Who works on tasks: this process, others on this machine, or other machines."""

    def slots(self) -> int:
        """How many tasks are worked on at the same time; at least 1."""
        ...

    def each(self, work: Work, tasks: Sequence[Document]) -> Iterator[tuple[int, Document]]:
        """The answer to each task with the task's place, as they are done: in any order, each once.

        A task whose worker died is done again, three times in all; then WorkerLost is raised. What `work` itself raises
        of Pressroom's errors comes out as it is, and nothing more is begun.
        """
        ...

    def close(self) -> None:
        """Let go of the workers."""
        ...
