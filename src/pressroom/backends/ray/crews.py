"""Crews as actors of a Ray cluster: Ray places them, one core each; who is lost, and what then, is ours.

docs/decisions/distributed-training.md says why these are not Ray Train's workers.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pressroom.backends.ray.crew_worker import CrewWorker
from pressroom.backends.ray.nodes import draining, free_cores
from pressroom.backends.ray.workers import connect
from pressroom.ports import BackendError, CrewWork, Left, Seat

_DOUBT_S = 20.0
"""For so long Ray may still take a node that is gone for alive."""
_SIGN_S = 3.0
_SEAT_S = 60.0
_AT_ONCE = 8


@dataclass(slots=True, kw_only=True, eq=False)
class _Worker:
    actor: Any
    node: str
    answer: Any = None


class RayCrews:
    """Workers on the cluster at an address, whose nodes have this version of Pressroom and PyTorch installed, and see
    the project's folder under the same path.
    """

    def __init__(self, address: str) -> None:
        """Connect when somebody asks."""
        self._address = address
        self._ray: Any = None
        self._own = False
        self._at_work: dict[int, _Worker] = {}
        self._warm: list[_Worker] = []
        self._doubtful: dict[str, float] = {}
        self._meet = ""

    def room(self) -> int:
        """Cores that are free, and those of this crew."""
        return sum(self._free().values()) + sum(
            self._may_stay(each.node) for each in (*self._warm, *self._at_work.values())
        )

    def begin(self, work: CrewWork, size: int) -> None:
        """The warm ones that may stay where they are, then new ones, each where most is free."""
        stay = [each for each in self._warm if self._may_stay(each.node)][:size]
        for each in {*self._warm} - {*stay}:
            self._kill(each)
        self._warm, seated = [], list(stay)
        try:
            seated += self._new(size - len(stay))
            self._signs(seated)
            self._meet = self._ray.get(seated[0].actor.meeting.remote(), timeout=_SIGN_S)
            shipped = self._ray.put(work)
            for place, each in enumerate(seated):
                each.answer = each.actor.work.remote(shipped, Seat(place=place, of=size, meet=self._meet))
        except (self._ray.exceptions.RayError, BackendError) as error:
            for each in seated:
                self._kill(each)
            raise BackendError(f"No crew starts on Ray: {error}", next_step="It is tried again.") from error
        self._at_work = dict(enumerate(seated))

    def watch(self, wait_s: float) -> Sequence[Left]:
        """Answers, or the errors that stand for them."""
        by_answer = {each.answer: place for place, each in self._at_work.items()}
        if not by_answer:
            return []
        ready, _ = self._ray.wait(list(by_answer), num_returns=1, timeout=wait_s)
        if ready:
            # Whoever else is done by now belongs to the same look.
            ready, _ = self._ray.wait(list(by_answer), num_returns=len(by_answer), timeout=0)
        return [self._left(by_answer[each]) for each in ready]

    def leaving(self) -> Sequence[int]:
        """Those on nodes that Ray drains."""
        if not self._at_work:
            return []
        leaving = draining(self._connected())
        return sorted(place for place, each in self._at_work.items() if each.node in leaving)

    def ask(self) -> None:
        """By a call beside the one that works."""
        for each in self._at_work.values():
            each.actor.ask.remote(self._meet)

    def end(self, grace_s: float) -> Sequence[Left]:
        """Who shows no sign of life is gone with its node, which Ray itself finds out much later."""
        if not self._at_work:
            return []
        until, left = time.monotonic() + grace_s, list(self.watch(0.0))
        signs = {each.actor.there.remote(): place for place, each in self._at_work.items()}
        _, silent = self._ray.wait(list(signs), num_returns=len(signs), timeout=_SIGN_S) if signs else ([], [])
        left += self.watch(0.0)
        left += [
            self._lost(signs[each], "no sign of life from its node") for each in silent if signs[each] in self._at_work
        ]
        while self._at_work and time.monotonic() < until:
            left += self.watch(until - time.monotonic())
        for place in list(self._at_work):
            worker = self._at_work.pop(place)
            self._kill(worker)
            left.append(Left(place=place, answer=None, words="it did not end in time, and was killed"))
        return left

    def close(self) -> None:
        """Kill the actors; disconnect where it was us who connected."""
        for each in (*self._at_work.values(), *self._warm):
            self._kill(each)
        self._at_work, self._warm = {}, []
        if self._ray is not None and self._own:
            self._ray.shutdown()
        self._ray = None

    def _left(self, place: int) -> Left:
        worker = self._at_work[place]
        try:
            answer = self._ray.get(worker.answer)
        except self._ray.exceptions.RayTaskError as error:
            raise BackendError(f"A worker failed: {error.cause!r}.", next_step="Look at its log.") from error
        except self._ray.exceptions.RayError as error:
            return self._lost(place, f"its Ray worker or node is gone: {type(error).__name__}")
        self._warm.append(self._at_work.pop(place))
        return Left(place=place, answer=answer)

    def _lost(self, place: int, words: str) -> Left:
        worker = self._at_work.pop(place)
        self._doubtful[worker.node] = time.monotonic() + _DOUBT_S
        self._kill(worker)
        return Left(place=place, answer=None, words=f"{words}, node {worker.node[:8]}")

    def _new(self, count: int) -> list[_Worker]:
        """On the nodes with most free cores. Raises BackendError."""
        free, made = dict(self._free()), list[_Worker]()
        ray = self._connected()
        actor = ray.remote(num_cpus=1, max_restarts=0, max_concurrency=_AT_ONCE)(CrewWorker)
        there = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
        for _ in range(count):
            node = max(free, key=lambda each: free[each], default="")
            if not node or free[node] < 1:
                for each in made:
                    self._kill(each)
                raise BackendError("there is no room any more.")
            free[node] -= 1
            made.append(_Worker(actor=actor.options(scheduling_strategy=there(node, soft=False)).remote(), node=node))
        return made

    def _signs(self, seated: Sequence[_Worker]) -> None:
        """Wait until all are there. Raises BackendError naming the node of one that is not."""
        signs = {each.actor.there.remote(): each for each in seated}
        ready, silent = self._ray.wait(list(signs), num_returns=len(signs), timeout=_SEAT_S)
        for each in ready:
            self._ray.get(each)
        for each in silent:
            self._doubtful[signs[each].node] = time.monotonic() + _DOUBT_S
        if silent:
            raise BackendError(f"no sign of life from node {signs[silent[0]].node[:8]}.")

    def _free(self) -> dict[str, int]:
        found = free_cores(self._connected())
        return {node: cores for node, cores in found.items() if self._trusted(node)}

    def _may_stay(self, node: str) -> bool:
        return self._trusted(node) and node in free_cores(self._connected())

    def _trusted(self, node: str) -> bool:
        return self._doubtful.get(node, 0.0) < time.monotonic()

    def _kill(self, worker: _Worker) -> None:
        self._ray.kill(worker.actor, no_restart=True)

    def _connected(self) -> Any:
        if self._ray is None:
            self._ray, self._own = connect(self._address)
        return self._ray
