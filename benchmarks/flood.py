"""Requests at a rate that is told, whether they are answered or not: what a server is asked when too much is asked."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """The same request over and over, `rate` times a second at most, over so many connections."""

    path: str
    body: bytes
    rate: float
    connections: int
    headers: dict[str, str] = field(default_factory=dict)

    def request(self) -> bytes:
        """The bytes of one request."""
        told = {"host": "127.0.0.1", "content-length": str(len(self.body)), **self.headers}
        lines = [f"POST {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
        return "\r\n".join(lines).encode() + self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, after how long; `retry_after_s` is 0 where nothing was said."""

    status: int
    took_s: float
    retry_after_s: int
    body: bytes

    def ids(self) -> list[str]:
        """The predictions' ids, of our own protocol."""
        return [each["prediction_id"] for each in json.loads(self.body)["predictions"]]


def flood(port: int, streams: Sequence[Stream], *, seconds: float) -> list[list[Answer]]:
    """Send all streams at once to a server of this machine; what was answered to each.

    A connection that is not answered yet sends its next request later: what is asked can fall behind the rate.
    """
    return asyncio.run(_flood(port, streams, seconds))


def quantile_s(answers: Sequence[Answer], q: float) -> float:
    """A quantile of the durations."""
    ordered = sorted(answer.took_s for answer in answers)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


async def _flood(port: int, streams: Sequence[Stream], seconds: float) -> list[list[Answer]]:
    found: list[list[Answer]] = [[] for _ in streams]
    until = time.perf_counter() + seconds
    async with asyncio.TaskGroup() as group:
        for stream, answers in zip(streams, found, strict=True):
            for place in range(stream.connections):
                group.create_task(_send(port, stream, place, until, answers))
    return found


async def _send(port: int, stream: Stream, place: int, until: float, answers: list[Answer]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request, period = stream.request(), stream.connections / stream.rate
    due = time.perf_counter() + period * place / stream.connections
    try:
        while due < until:
            await asyncio.sleep(due - time.perf_counter())
            started = time.perf_counter()
            writer.write(request)
            answers.append(await _read(reader, started))
            due = max(due + period, time.perf_counter())
    finally:
        writer.close()


async def _read(reader: asyncio.StreamReader, started: float) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:] if line)
    body = await reader.readexactly(int(headers["content-length"]))
    return Answer(
        status=int(head[0].split()[1]),
        took_s=time.perf_counter() - started,
        retry_after_s=int(headers.get("retry-after", "0")),
        body=body,
    )
