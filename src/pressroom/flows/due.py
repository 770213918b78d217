"""Due: which calls of a run can go a state further, known without looking at all of them."""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence

from pressroom.flows.calls import ENDED, MADE, Call


class Due:
    """The calls of a run that nobody has to wait for. `ready` are those that only wait to be let into the line."""

    def __init__(self) -> None:
        """No calls yet."""
        self.ready: deque[Call] = deque()
        self._complete: deque[Call] = deque()
        self._broken: deque[tuple[Call, Call]] = deque()
        self._missing: dict[int, int] = {}
        self._needed_by: defaultdict[int, list[Call]] = defaultdict(list)
        self._twins: list[Call] = []

    def add(self, call: Call, needed: Sequence[Call]) -> None:
        """Note a call, and the calls whose results it needs."""
        missing = [each for each in needed if each.state not in MADE]
        broken = next((each for each in missing if each.state in ENDED), None)
        if broken is not None:
            self._broken.append((call, broken))
        elif not missing:
            self._complete.append(call)
        else:
            self._missing[call.number] = len(missing)
            for each in missing:
                self._needed_by[each.number].append(call)

    def ended(self, call: Call) -> None:
        """A call has come to its end: what needs its result can go on, or never will."""
        for each in self._needed_by.pop(call.number, ()):
            if each.state in ENDED or each.number not in self._missing:
                continue
            self._missing[each.number] -= 1
            if call.state not in MADE:
                del self._missing[each.number]
                self._broken.append((each, call))
            elif self._missing[each.number] == 0:
                del self._missing[each.number]
                self._complete.append(each)

    def again(self, call: Call) -> None:
        """Its attempt failed, and is worth another."""
        self._complete.append(call)

    def wait_for_twin(self, call: Call) -> None:
        """An equal call is being worked on: this one looks again when that attempt has ended."""
        call.state = "waiting"
        self._twins.append(call)

    def attempt_ended(self, call: Call) -> None:
        """Whoever waits for it as for his twin may look again."""
        self._complete.extend(each for each in self._twins if each.key == call.key)
        self._twins = [each for each in self._twins if each.key != call.key]

    def complete(self) -> Iterator[Call]:
        """Those whose inputs are there, each once; also those that become so meanwhile."""
        while self._complete:
            yield self._complete.popleft()

    def broken(self) -> Iterator[tuple[Call, Call]]:
        """Those that can't be made, each once, with the call that made nothing."""
        while self._broken:
            yield self._broken.popleft()
