"""Five times as much is asked of a server as it can answer, most of it of a lower tier."""

import statistics

from benchmarks.case import Case
from benchmarks.flood import Stream, flood, quantile_s
from benchmarks.load import send

_HIGHER, _LOWER = "normal", "low"
_TIMES, _PART = 5.0, 0.4
"""How many times the capacity is asked, and how much of the capacity that is of the higher tier."""

_SECONDS = 4.0
_CONNECTIONS = {_HIGHER: 16, _LOWER: 192}


def overload_case(runs: int, port: int, path: str, body: bytes) -> Case:
    """The 99th percentile of the higher tier's answers, against the same while nothing else is asked."""
    mine: list[float] = []
    alone: list[float] = []
    for _ in range(runs):
        capacity = send(f"http://127.0.0.1:{port}{path}", body, connections=8, seconds=2.0).rate
        rates = {_HIGHER: _PART * capacity, _LOWER: (_TIMES - _PART) * capacity}
        streams = [
            Stream(path=path, body=body, rate=rate, connections=_CONNECTIONS[tier], headers={"x-tier": tier})
            for tier, rate in rates.items()
        ]
        (quiet,) = flood(port, streams[:1], seconds=_SECONDS)
        higher, lower = flood(port, streams, seconds=_SECONDS)
        answered = [answer for answer in higher if answer.status == 200]
        shed = [answer for answer in lower if answer.status != 200]
        assert len(answered) > 0.9 * len(higher), f"{len(higher) - len(answered)} of the higher tier were sent away"
        assert len(shed) > 0.3 * len(lower), "the lower tier was not shed"
        assert all(answer.retry_after_s for answer in shed if answer.status == 503)
        mine.append(quantile_s(answered, 0.99) * 1e6)
        alone.append(quantile_s(quiet, 0.99) * 1e6)
    name = "five times too much is asked, p99 of the higher tier against unloaded"
    return Case(name=name, unit="us", ours=statistics.median(mine), limit=statistics.median(alone), target=3.0)
