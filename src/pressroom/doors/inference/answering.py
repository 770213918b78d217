"""Answering: a request in, a response out. Knows HTTP's words, and no server."""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypeVar
from weakref import WeakKeyDictionary

from pressroom.doors.inference import oip, own
from pressroom.doors.inference.access import Access
from pressroom.doors.inference.desk import Desk
from pressroom.doors.inference.infer_reader import InferReader
from pressroom.doors.inference.infer_writer import InferWriter
from pressroom.doors.inference.metrics import Metrics
from pressroom.doors.inference.openapi import openapi
from pressroom.doors.inference.paths import Place, place_of
from pressroom.doors.inference.wire import (
    Headers,
    Incoming,
    MalformedBody,
    failure,
    header_number,
    oip_failure,
    read_instant,
    refusal,
    trace_of,
    wrong_method,
)
from pressroom.doors.response import Response, document, problem
from pressroom.ports import Clock
from pressroom.serving import MOST_EXPLAINED, TIERS, Ask, Live, PredictionLog, Predictor, Tier, in_trace
from pressroom.values import PressroomError

_logger = logging.getLogger(__name__)
Found = TypeVar("Found")
_MOST_PLACES = 1_024
_DEADLINE, _TIER = "x-deadline-ms", "x-tier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a request may be: rows, and whether it may say as of when it asks."""

    most_rows: int = 10_000
    replay: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """All that answers together."""

    live: Live
    log: PredictionLog
    clock: Clock
    desk: Desk
    threads: Executor
    access: Access
    metrics: Metrics
    is_ready: Callable[[], bool]


class Answering:
    """Answers requests from the endpoints that are live, and logs every prediction."""

    def __init__(self, staff: Staff, limits: Limits, *, version: str) -> None:
        """Answer with this staff, within these limits, as this version of Pressroom."""
        self._staff = staff
        self._limits = limits
        self._version = version
        self._places: dict[str, Place] = {}
        self._flush: asyncio.Future[None] | None = None
        self._infer: WeakKeyDictionary[Predictor, tuple[InferReader, InferWriter]] = WeakKeyDictionary()

    def _place(self, path: str) -> Place:
        """What a path means, remembered for the few that are asked again and again."""
        place = place_of(path)
        if place.name in self._staff.live.known and len(self._places) < _MOST_PLACES:
            self._places[path] = place
        return place

    async def respond(self, incoming: Incoming) -> Response:
        """Answer one request. Every input has an answer; a defect of ours is a 500 that says so and is logged."""
        started = time.perf_counter_ns()
        place = self._places.get(incoming.path) or self._place(incoming.path)
        try:
            response = await self._respond(place, incoming, started)
        except PressroomError as error:
            response = oip_failure(error) if place.is_oip else failure(error)
        except Exception:
            said = in_trace(trace_of(incoming))
            _logger.exception("A request met a defect: %s %s%s", incoming.method, incoming.path, said)
            response = problem(500, "This is a defect in Pressroom.", "The server's own log has the details.")
        known = place.name if place.name in self._staff.live.known else ""
        self._staff.metrics.note(known, place.kind, response.status, (time.perf_counter_ns() - started) // 1_000)
        return response

    async def _respond(self, place: Place, incoming: Incoming, started: int) -> Response:
        refused = self._staff.access.refusal(place, incoming.headers)
        if refused is not None:
            return refused
        if incoming.broken is not None:
            raise incoming.broken
        if place.kind in ("predict", "infer"):
            if incoming.method != "POST":
                return wrong_method(incoming, "POST", is_oip=place.is_oip)
            return await self._predict(place, incoming, started)
        if incoming.method not in ("GET", "HEAD"):
            return wrong_method(incoming, "GET, HEAD", is_oip=place.is_oip)
        return await self._look_up(place, incoming)

    async def _predict(self, place: Place, incoming: Incoming, started: int) -> Response:
        predictor = self._staff.live.ready(place.name, place.version) or await self._predictor(place)
        tier = _tier(predictor, incoming.headers)
        self._staff.desk.check_room(predictor, tier)
        if self._staff.log.is_crowded():
            await self._make_room()
        if place.kind == "infer":
            reader, writer = self._infer.get(predictor) or self._open(predictor)
            infer, wanted_outputs, given = reader.read(incoming)
            until = self._until(predictor, incoming.headers, oip.deadline_ms(infer), started)
            ask = Ask(given, self._staff.clock.now(), started, until, trace_of(incoming))
            piece = await self._staff.desk.ask(predictor, ask, tier, alone=incoming.alone)
            self._staff.metrics.note_answers(piece)
            return writer.answer(piece, infer, wanted_outputs)
        wanted = own.read_request(predictor, incoming, most_rows=self._limits.most_rows)
        if wanted.explain:
            _check_explained(predictor, wanted)
        as_of = read_instant(wanted.as_of, now=self._staff.clock.now(), replay=self._limits.replay)
        until = self._until(predictor, incoming.headers, wanted.deadline_ms, started)
        ask = Ask(wanted.given, as_of, started, until, trace_of(incoming))
        piece = await self._staff.desk.ask(predictor, ask, tier, alone=incoming.alone)
        self._staff.metrics.note_answers(piece)
        if not wanted.explain:
            return own.answer(piece, wanted, [])
        explained = await self._in_thread(lambda: predictor.explain(piece, until))
        return own.answer(piece, wanted, explained, predictor.once(piece))

    async def _make_room(self) -> None:
        """Wait until what waits to be written is: one flush for all who wait, not a thread for each."""
        if self._flush is None or self._flush.done():
            self._flush = asyncio.get_running_loop().run_in_executor(self._staff.threads, self._staff.log.flush)
        await asyncio.shield(self._flush)

    def _open(self, predictor: Predictor) -> tuple[InferReader, InferWriter]:
        """Who reads the inference requests of an endpoint version, and who writes the answers."""
        endpoint = predictor.endpoint
        made = InferReader(endpoint, most_rows=self._limits.most_rows), InferWriter(endpoint)
        self._infer[predictor] = made
        return made

    async def _predictor(self, place: Place) -> Predictor:
        """Who answers; one that was let go is loaded in a thread, in nobody else's way."""
        live = self._staff.live
        found = live.ready(place.name, place.version)
        return found or await self._in_thread(lambda: live.predictor(place.name, place.version))

    def _until(self, predictor: Predictor, headers: Headers, asked_ms: int | None, started: int) -> int:
        promised = predictor.endpoint.promise.deadline_ms
        header_ms = header_number(headers, _DEADLINE, most=own.MOST_MS)
        return started + min(promised, asked_ms or promised, header_ms or promised) * 1_000_000

    async def _in_thread(self, work: Callable[[], Found]) -> Found:
        return await asyncio.get_running_loop().run_in_executor(self._staff.threads, work)

    async def _look_up(self, place: Place, incoming: Incoming) -> Response:
        live = self._staff.live
        match place.kind:
            case "live":
                return document({"live": True})
            case "ready":
                ready = self._staff.is_ready()
                return document({"ready": ready, "endpoints": live.names()}, status=200 if ready else 503)
            case "endpoints":
                return document({"endpoints": live.names()})
            case "endpoint":
                return own.description(await self._predictor(place))
            case "server":
                return oip.server_metadata(self._version)
            case "model":
                endpoint = (await self._predictor(place)).endpoint
                return oip.model_metadata(endpoint, live.versions(place.name))
            case "model_ready":
                await self._predictor(place)
                return document({"name": place.name, "ready": True})
            case "metrics":
                return self._staff.metrics.exposition()
            case "openapi":
                endpoints = [(await self._predictor(Place("endpoint", name))).endpoint for name in live.names()]
                return document(openapi(endpoints, self._version))
            case _:
                there = "GET /v1/endpoints lists what there is."
                return refusal(404, f"Nothing answers at {incoming.path[:100]}.", there, is_oip=place.is_oip)


def _tier(predictor: Predictor, headers: Headers) -> Tier:
    """The endpoint's tier; a request may ask for a lower one."""
    own_tier, told = predictor.endpoint.promise.tier, headers.get(_TIER)
    if told is None:
        return own_tier
    if told in TIERS:
        return TIERS[max(TIERS.index(own_tier), TIERS.index(told))]
    raise MalformedBody(f"The header {_TIER} is {told[:40]!r}.", next_step=f"Choose of {', '.join(TIERS)}.")


def _check_explained(predictor: Predictor, wanted: own.Wanted) -> None:
    """Refuse what can't be explained before it is answered."""
    if not predictor.explains:
        raise MalformedBody(
            "`explain` is true, and this endpoint's answers can't be explained.", next_step="Leave it out."
        )
    if len(wanted.given) > MOST_EXPLAINED:
        raise MalformedBody(
            f"`explain` is true for {len(wanted.given)} rows.",
            next_step=f"Ask for at most {MOST_EXPLAINED} at once, or leave it out.",
        )
