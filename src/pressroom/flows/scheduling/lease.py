"""A lease: of several who could do something, one does, until it lets go, dies, or is not heard of for too long."""

from dataclasses import dataclass
from uuid import uuid4

from pressroom.flows.scheduling.process import Process, is_alive, this_process
from pressroom.ports import Clock, Keys
from pressroom.values import Instant, from_document, parse_duration, to_document

LENGTH_US = parse_duration("30s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Who holds a lease, and until when."""

    holder: str
    process: Process
    until: Instant


class Lease:
    """One of those who want it. It saves double work; what must not happen twice is guarded where it is written down,
    since a holder that was stopped for long may not know yet that it is none any more.
    """

    def __init__(self, name: str, *, keys: Keys, clock: Clock) -> None:
        """Want the lease called `name`."""
        self._key = f"lease/{name}".encode()
        self._keys = keys
        self._clock = clock
        self._holder = uuid4().hex

    def take(self) -> bool:
        """Take or renew it, if nobody else holds it."""
        with self._keys.exclusive():
            held = self.held()
            if held is not None and held.holder != self._holder:
                return False
            mine = Held(holder=self._holder, process=this_process(), until=self._clock.now() + LENGTH_US)
            self._keys.put_many({self._key: to_document(mine)})
            return True

    def held(self) -> Held | None:
        """Who holds it now. One that ends later than any could was made before the clock was put back, and is none."""
        (document,) = self._keys.get_many([self._key])
        held = None if document is None else from_document(document, Held)
        if held is None or not is_alive(held.process):
            return None
        left_us = held.until - self._clock.now()
        return held if 0 < left_us <= LENGTH_US else None

    def leave(self) -> None:
        """Let go of it, if it is held here."""
        with self._keys.exclusive():
            held = self.held()
            if held is not None and held.holder == self._holder:
                self._keys.delete_many([self._key])
