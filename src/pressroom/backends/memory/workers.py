"""Workers that are this process itself."""

from collections.abc import Iterator, Sequence

from pressroom.ports import Work
from pressroom.values import Document


class OwnProcess:
    """One task after the other, here."""

    def slots(self) -> int:
        """One at a time."""
        return 1

    def each(self, work: Work, tasks: Sequence[Document]) -> Iterator[tuple[int, Document]]:
        """In the order of the tasks."""
        for place, task in enumerate(tasks):
            yield place, work(task)

    def close(self) -> None:
        """There is nobody to let go of."""
