"""Who waits for whom, what goes together, and what happens when time runs out."""

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from tests.projects import END, request_row

from pressroom.doors.inference.desk import LONG_US, Desk
from pressroom.doors.inference.wire import Incoming
from pressroom.serving import (
    Ask,
    Cost,
    DeadlinePassed,
    Fallback,
    Overloaded,
    Promise,
    Rows,
    check_rows,
)

S = 1_000_000_000


@pytest.fixture
def predictor(inside):
    """A predictor of its own, whose batches are noted."""
    digest = inside.live.digest("risk")
    inside.live._loaded.pop(digest)
    made = inside.live.predictor("risk")
    made.seen = []
    answer = made.answer
    made.answer = lambda asks: (made.seen.append(sum(len(ask.given) for ask in asks)), answer(asks))[1]
    return made


@pytest.fixture
def threads():
    with ThreadPoolExecutor() as pool:
        yield pool


@pytest.fixture
def desk(inside, threads):
    return Desk(log=inside.log, threads=threads, longest_wait_us=50_000.0)


def ask_of(predictor, count=1, until_ns=None):
    rows = check_rows(predictor.endpoint.question, [request_row(number) for number in range(count)])
    return Ask(Rows(rows), END, time.perf_counter_ns(), until_ns)


def promising(predictor, **promise):
    predictor.endpoint = replace(predictor.endpoint, promise=Promise(**promise))


def long(desk, predictor, row_us=2 * LONG_US):
    desk._costs[predictor.endpoint.name] = Cost(row_us=row_us)


def test_what_waits_together_goes_together_and_nobody_waits_for_a_batch(desk, predictor):
    async def crowd():
        return await asyncio.gather(*(desk.ask(predictor, ask_of(predictor), "normal") for _ in range(5)))

    pieces = asyncio.run(crowd())
    assert predictor.seen == [5]
    assert [(piece.start, piece.stop) for piece in pieces] == [(n, n + 1) for n in range(5)]
    asyncio.run(asyncio.wait_for(crowd(), 5))


def test_who_is_alone_is_answered_at_once_and_who_comes_to_others_goes_with_them(desk, predictor):
    async def some():
        first = desk.ask(predictor, ask_of(predictor), "normal", alone=True)
        assert first.done()
        second = desk.ask(predictor, ask_of(predictor), "normal")
        third = desk.ask(predictor, ask_of(predictor), "normal", alone=True)
        assert not second.done()
        assert not third.done()
        return await asyncio.gather(first, second, third)

    asyncio.run(some())
    assert predictor.seen == [1, 2]
    assert desk.waiting() == 0


def test_a_request_that_is_alone_says_so(inside, predictor):
    body = json.dumps({"rows": [request_row(1)]}).encode()
    for alone, meant in ((False, [3]), (True, [3, 1, 1, 1])):
        one = Incoming(method="POST", path="/v1/endpoints/risk:predict", headers={}, body=body, alone=alone)
        assert [response.status for response in inside.together(one, one, one)] == [200] * 3
        assert predictor.seen == meant


def test_a_batch_takes_no_more_than_its_time_but_always_one_request(desk, predictor):
    long(desk, predictor, row_us=900.0)

    async def crowd():
        await asyncio.gather(*(desk.ask(predictor, ask_of(predictor), "normal") for _ in range(3)))

    asyncio.run(crowd())
    assert predictor.seen[0] == 2
    assert sum(predictor.seen) == 3


def test_a_higher_tier_is_answered_first(desk, predictor):
    order = []

    async def crowd():
        asked = [("low", 1), ("normal", 2), ("high", 3)]
        told = [desk.ask(predictor, ask_of(predictor, count), tier) for tier, count in asked]
        for count, future in zip((1, 2, 3), told, strict=True):
            future.add_done_callback(lambda _, count=count: order.append(count))
        await asyncio.gather(*told)

    asyncio.run(crowd())
    assert predictor.seen == [3, 2, 1]
    assert order == [3, 2, 1]


def test_long_work_goes_to_a_thread_and_others_go_on(desk, predictor, inside):
    long(desk, predictor)
    gate, where = threading.Event(), []
    answer = predictor.answer

    def slow(asks):
        where.append(threading.current_thread())
        gate.wait(20.0)
        return answer(asks)

    predictor.answer = slow

    async def crowd():
        told = desk.ask(predictor, ask_of(predictor), "normal")
        await asyncio.sleep(0.01)
        health = await inside.worker.answering.respond(Incoming(method="GET", path="/health/live", headers={}))
        assert (health.status, told.done()) == (200, False)
        gate.set()
        return await told

    piece = asyncio.run(crowd())
    assert len(piece.answers) == 1
    assert where[0] is not threading.current_thread()


def test_when_time_runs_out_in_a_thread_a_fallback_answers(desk, predictor):
    promising(predictor, fallbacks=(Fallback(kind="constant", value=0.125),))
    long(desk, predictor)
    gate = threading.Event()
    answer = predictor.answer
    predictor.answer = lambda asks: (gate.wait(20.0), answer(asks))[1]

    async def crowd():
        until = time.perf_counter_ns() + S // 50
        first = desk.ask(predictor, ask_of(predictor, until_ns=until), "normal")
        await asyncio.sleep(0)
        queued = desk.ask(predictor, ask_of(predictor, until_ns=until), "normal")
        found = await asyncio.gather(first, queued)
        gate.set()
        return found

    for piece in asyncio.run(crowd()):
        one = piece.answers[piece.start]
        assert (one.prediction, one.fallback, one.route.model) == (0.125, "deadline", "constant")


def test_without_a_fallback_the_asker_is_told_in_time(desk, predictor):
    long(desk, predictor)
    gate = threading.Event()
    answer = predictor.answer
    predictor.answer = lambda asks: (gate.wait(20.0), answer(asks))[1]

    async def one():
        told = desk.ask(predictor, ask_of(predictor, until_ns=time.perf_counter_ns() + S // 50), "normal")
        with pytest.raises(DeadlinePassed):
            await told
        gate.set()

    asyncio.run(one())


def test_no_more_requests_wait_than_the_endpoint_lets(desk, predictor):
    promising(predictor, most_waiting=2)

    async def crowd():
        told = [desk.ask(predictor, ask_of(predictor), "normal") for _ in range(2)]
        with pytest.raises(Overloaded, match="2 requests wait"):
            desk.check_room(predictor, "normal")
        await asyncio.gather(*told)
        desk.check_room(predictor, "normal")

    asyncio.run(crowd())


def test_under_overload_the_lowest_tier_is_sent_away_first(desk, predictor):
    promising(predictor, most_waiting=10_000)
    long(desk, predictor, row_us=1_000.0)

    async def crowd():
        told = [desk.ask(predictor, ask_of(predictor), "high") for _ in range(20)]
        desk.check_room(predictor, "high")
        desk.check_room(predictor, "normal")
        with pytest.raises(Overloaded) as caught:
            desk.check_room(predictor, "low")
        assert caught.value.retry_after_s >= 1.0
        await asyncio.gather(*told)
        desk.check_room(predictor, "low")

    asyncio.run(crowd())
    assert desk.shed == {"high": 0, "normal": 0, "low": 1}


def test_a_request_says_how_long_it_waits_and_may_step_back_but_not_forward(inside):
    body = {"rows": [request_row()], "deadline_ms": 900}
    assert inside.predict(body, x_deadline_ms="500", x_tier="low")[0] == 200
    for told in ("0", "-1", "soon", "", "9" * 30):
        status, said = inside.predict(body, x_deadline_ms=told)
        assert (status, "x-deadline-ms" in said["error"]["message"]) == (400, True)
    for told in (0, -1, True, "1", 1.5, 2**70, []):
        assert inside.predict({**body, "deadline_ms": told})[0] == 400
    assert "Choose of high, normal, low" in inside.predict(body, x_tier="first")[1]["error"]["next_step"]


def test_those_sent_away_are_told_when_to_come_back(inside, monkeypatch):
    def full(predictor, tier):
        raise Overloaded("Full.", next_step="Later.", retry_after_s=7.4)

    monkeypatch.setattr(inside.desk, "check_room", full)
    response = inside.respond("POST", "/v1/endpoints/risk:predict", json.dumps({"rows": [request_row()]}).encode())
    assert (response.status, response.headers) == (503, (("retry-after", "7"),))
