"""Workers as tasks of a Ray cluster."""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from pressroom.ports import BackendError, Work, WorkerLost
from pressroom.values import Document, NotFound, PressroomError

_TRIES = 3
_AHEAD = 2
"""Tasks given out for each one that is worked on, so that no worker waits for the next."""


class RayWorkers:
    """Tasks on a cluster at `address`, each on one core. Its nodes have this version of Pressroom installed, and see
    the scratch under the same path.
    """

    def __init__(self, address: str) -> None:
        """Connect when there is work."""
        self._address = address
        self._ray: Any = None
        self._own = False

    def slots(self) -> int:
        """The cores of the cluster."""
        return max(int(self._connected().cluster_resources().get("CPU", 1)), 1)

    def each(self, work: Work, tasks: Sequence[Document]) -> Iterator[tuple[int, Document]]:
        """As they are done. What dies with its worker or node is given out again, by us and not by Ray, so that a task
        that kills whoever does it ends.
        """
        ray = self._connected()
        # Sent once; the worker imports the function or class by its name.
        shipped, done_by = ray.put(work), ray.remote(num_cpus=1, max_retries=0)(_do)
        waiting, tries = deque(range(len(tasks))), [0] * len(tasks)
        given_out: dict[Any, int] = {}
        at_once = self.slots() * _AHEAD
        try:
            while waiting or given_out:
                while waiting and len(given_out) < at_once:
                    place = waiting.popleft()
                    given_out[done_by.remote(shipped, tasks[place])] = place
                (reference, *_), _ = ray.wait(list(given_out), num_returns=1)
                place = given_out.pop(reference)
                answer = self._answer(reference)
                if answer is not None:
                    yield place, answer
                    continue
                tries[place] += 1
                if tries[place] >= _TRIES:
                    raise WorkerLost(
                        f"Task {place} was not done: its Ray worker died {_TRIES} times.",
                        next_step="Look at the nodes' memory: lower [training] memory, or give them more.",
                    )
                waiting.appendleft(place)
        finally:
            for reference in given_out:
                ray.cancel(reference)

    def close(self) -> None:
        """Disconnect, where it was us who connected."""
        if self._ray is not None and self._own:
            self._ray.shutdown()
        self._ray = None

    def _answer(self, reference: Any) -> Document | None:
        """What a task answered; None where its worker died."""
        errors = self._ray.exceptions
        try:
            return self._ray.get(reference)
        except errors.RayTaskError as error:
            cause = error.cause
            if isinstance(cause, PressroomError):
                raise cause from None
            raise BackendError(f"A task failed on a Ray worker: {cause!r}.", next_step="Look at its log.") from error
        except (errors.WorkerCrashedError, errors.NodeDiedError, errors.OutOfMemoryError, errors.LocalRayletDiedError):
            return None
        except errors.RayError as error:
            raise BackendError(f"The Ray cluster failed: {error}.", next_step="Look whether it is up.") from error

    def _connected(self) -> Any:
        if self._ray is None:
            self._ray, self._own = connect(self._address)
        return self._ray


def connect(address: str) -> tuple[Any, bool]:
    """Ray, connected to a cluster, and whether it was us who connected. Raises NotFound, BackendError."""
    try:
        import ray
    except ImportError as error:
        raise NotFound("Ray is not installed.", next_step="pip install 'pressroom[ray]'") from error
    if ray.is_initialized():
        return ray, False
    try:
        ray.init(address=address, log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise BackendError(
            f"There is no Ray cluster at {address!r}: {error}.",
            next_step="Start one (ray start --head), or leave its address in the settings empty.",
        ) from error
    return ray, True


def _do(work: Work, task: Document) -> Document:
    return work(task)
