"""The live replay: facts are appended as they become known, and at chosen instants every departing flight is asked
about.

Time is compressed, its order is not: before the requests of an instant are sent, exactly the facts known by then are
in.
"""

import http.client
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.demo.errors import ServerDown
from pressroom.demo.history import Arrival
from pressroom.demo.server import ServerProcess, ask
from pressroom.values import MICROSECONDS, Instant, format_instant
from pressroom.workspace import Workspace

_HOUR_US = 3_600 * MICROSECONDS
_FIELDS = ("flight", "tail", "origin", "carrier", "distance", "hour", "month")
Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """An instant at which is asked, and the request bodies."""

    as_of: Instant
    bodies: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What the replay did: latencies are the client's, from sending a request to having read its answer."""

    endpoint: str
    by_fact: dict[str, int]
    append_s: float
    requests: int
    errors: int
    latencies_ms: npt.NDArray[np.float64]
    last_prediction: str
    last_model: str

    @property
    def appended(self) -> int:
        """Facts appended while the replay ran, predictions not counted."""
        return sum(self.by_fact.values())


def moments(scheduled: pa.Table, after: Instant, *, at_least: int) -> list[Moment]:
    """The instants one hour before departures after `after`, with a request for every flight that departs then.

    Of all instants every k-th is taken, k as large as leaves `at_least` requests.
    """
    as_of = pc.subtract(scheduled.column("departs").cast(pa.int64()), _HOUR_US).to_numpy()
    rows = scheduled.select(_FIELDS)
    keep = np.flatnonzero(as_of > after)
    order = keep[np.argsort(as_of[keep], kind="stable")]
    instants, starts = np.unique(as_of[order], return_index=True)
    step = max(1, len(order) // (at_least + at_least // 40))
    found: list[Moment] = []
    for place in range(0, len(instants), step):
        end = starts[place + 1] if place + 1 < len(instants) else len(order)
        asked = rows.take(pa.array(order[starts[place] : end])).to_pylist()
        when = format_instant(int(instants[place]))
        bodies = tuple(json.dumps({"rows": [row], "as_of": when}).encode() for row in asked)
        found.append(Moment(as_of=int(instants[place]), bodies=bodies))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What happens after an instant: facts that become known, and moments at which an endpoint is asked."""

    after: Instant
    arrivals: Sequence[Arrival]
    endpoint: str
    asked: Sequence[Moment]


def replay(workspace: Workspace, server: ServerProcess, script: Script, *, told: Told) -> Replayed:
    """Play the moments in order; then append what became known after the last of them."""
    appender = _Appender(workspace=workspace, arrivals=script.arrivals, now=script.after)
    errors = 0
    latencies: list[float] = []
    last: dict[str, str] = {}
    with closing(server.connect()) as connection:
        for place, moment in enumerate(script.asked):
            appender.append_until(moment.as_of)
            for body in moment.bodies:
                started = time.perf_counter()
                status, answer = ask(connection, script.endpoint, body)
                latencies.append((time.perf_counter() - started) * 1e3)
                if status == http.client.OK:
                    last = answer["predictions"][0]
                else:
                    errors += 1
            told(place + 1, len(script.asked))
    appender.append_until(_end(script.arrivals))
    if not last:
        raise ServerDown("No request was answered.", next_step=f"Read server.log in {workspace.settings.folder}.")
    return Replayed(
        endpoint=script.endpoint,
        by_fact=dict(appender.by_fact),
        append_s=appender.took_s,
        requests=len(latencies),
        errors=errors,
        latencies_ms=np.array(latencies),
        last_prediction=last["prediction_id"],
        last_model=last["digest"],
    )


@dataclass(slots=True, kw_only=True)
class _Appender:
    """Appends what becomes known, from one instant to the next."""

    workspace: Workspace
    arrivals: Sequence[Arrival]
    now: Instant
    took_s: float = 0.0
    by_fact: Counter[str] = field(default_factory=Counter[str])

    def append_until(self, until: Instant) -> None:
        started = time.perf_counter()
        batches = [batch for arrival in self.arrivals if (batch := arrival.between(self.now, until)) is not None]
        for receipt in self.workspace.append(*batches) if batches else ():
            self.by_fact[receipt.fact] += receipt.appended
        self.now = until
        self.took_s += time.perf_counter() - started


def _end(arrivals: Sequence[Arrival]) -> Instant:
    return max(int(arrival.known[-1]) for arrival in arrivals if len(arrival.known))
