"""Workers as processes of this machine."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from pressroom.ports import Work, WorkerLost
from pressroom.values import Document

_TRIES = 3


class Processes:
    """So many processes, spawned when there is work: a script that uses them keeps its own work under
    `if __name__ == "__main__":`, for each of them reads it.
    """

    def __init__(self, count: int) -> None:
        """`count` at the same time."""
        self._count = count
        self._pool: ProcessPoolExecutor | None = None

    def slots(self) -> int:
        """One task a process."""
        return self._count

    def each(self, work: Work, tasks: Sequence[Document]) -> Iterator[tuple[int, Document]]:
        """As they are done. A process that dies takes its pool with it: what was under way goes to a new one."""
        waiting, tries = deque(range(len(tasks))), [0] * len(tasks)
        under_way: dict[Future[Document], int] = {}
        try:
            while waiting or under_way:
                while waiting and len(under_way) < self._count:
                    place = waiting.popleft()
                    under_way[self._begin().submit(work, tasks[place])] = place
                done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                lost = [under_way.pop(future) for future in done if _died(future)]
                for future in done.intersection(under_way):
                    yield under_way.pop(future), future.result()
                if lost:
                    # Which of those under way killed its process can't be known: each has one try less.
                    lost += under_way.values()
                    under_way = {}
                    self.close()
                    _count_tries(lost, tries)
                    waiting.extendleft(lost)
        finally:
            for future in under_way:
                future.cancel()

    def close(self) -> None:
        """End the processes when they are idle."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def _begin(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Spawned: neither delta-rs nor Arrow's threads survive a fork.
            self._pool = ProcessPoolExecutor(self._count, mp_context=get_context("spawn"))
        return self._pool


def _died(future: Future[Document]) -> bool:
    return isinstance(future.exception(), BrokenProcessPool)


def _count_tries(lost: Sequence[int], tries: list[int]) -> None:
    for place in lost:
        tries[place] += 1
        if tries[place] >= _TRIES:
            raise WorkerLost(
                f"Task {place} was not done: its process died {_TRIES} times.",
                next_step="Look whether memory ran out: lower [training] memory, or [workers] processes.",
            )
