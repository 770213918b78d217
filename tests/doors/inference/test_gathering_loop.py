"""What other threads ask of the loop is done, once each, in their order, and wakes it seldom."""

import contextvars
import threading
from collections import Counter

import pytest
from granian import loops

from pressroom.doors.inference.gathering_loop import GatheringLoop, use_gathering_loop


class Counted(GatheringLoop):
    """Counts how often it was woken."""

    woken = 0

    def _write_to_self(self):
        self.woken += 1
        super()._write_to_self()


@pytest.fixture
def loop():
    made = Counted()
    yield made
    made.close()


def test_calls_of_many_threads_are_all_done_in_each_ones_order(loop):
    seen, most, threads = [], 500, 4

    def ask(who):
        for number in range(most):
            loop.call_soon_threadsafe(seen.append, (who, number))

    def ask_all():
        workers = [threading.Thread(target=ask, args=(who,)) for who in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        loop.call_soon_threadsafe(loop.stop)

    asking = threading.Thread(target=ask_all)
    loop.call_soon(asking.start)
    loop.run_forever()
    asking.join()
    assert Counter(who for who, _ in seen) == dict.fromkeys(range(threads), most)
    for who in range(threads):
        assert [number for each, number in seen if each == who] == [*range(most)]


def test_calls_that_wait_together_wake_the_loop_once(loop):
    seen = []
    for number in range(10):
        loop.call_soon_threadsafe(seen.append, number)
    loop.call_soon_threadsafe(loop.stop)
    loop.run_forever()
    assert seen == [*range(10)]
    assert loop.woken == 1


def test_what_is_asked_for_while_calls_are_taken_up_waits_for_the_next_turn(loop):
    seen = []

    def again(left):
        seen.append(left)
        loop.call_soon_threadsafe(again, left - 1) if left else loop.stop()

    loop.call_soon_threadsafe(again, 2)
    loop.call_soon_threadsafe(seen.append, "came with it")
    loop.run_forever()
    assert seen == [2, "came with it", 1, 0]


def test_a_call_that_is_called_off_is_not_made_and_a_broken_one_harms_no_other(loop):
    seen, told = [], []
    loop.set_exception_handler(lambda _, said: told.append(said["exception"]))
    loop.call_soon_threadsafe(seen.append, 1).cancel()
    loop.call_soon_threadsafe(lambda: 1 / 0)
    loop.call_soon_threadsafe(seen.append, 2)
    loop.call_soon_threadsafe(loop.stop)
    loop.run_forever()
    assert seen == [2]
    assert [type(error) for error in told] == [ZeroDivisionError]


def test_a_call_is_made_in_the_context_that_it_brings(loop):
    who = contextvars.ContextVar("who", default="nobody")
    context, seen = contextvars.copy_context(), []
    context.run(who.set, "me")
    loop.call_soon_threadsafe(lambda: seen.append(who.get()), context=context)
    loop.call_soon_threadsafe(lambda: seen.append(who.get()))
    loop.call_soon_threadsafe(loop.stop)
    loop.run_forever()
    assert seen == ["me", "nobody"]


def test_a_closed_loop_refuses_calls():
    loop = GatheringLoop()
    loop.close()
    with pytest.raises(RuntimeError, match="closed"):
        loop.call_soon_threadsafe(print)


@pytest.mark.parametrize(("installed", "ours"), [((), True), (("uvloop",), False)])
def test_workers_run_on_it_where_no_faster_loop_is_installed(monkeypatch, installed, ours):
    made = {"auto": "granian's", **dict.fromkeys(installed, "faster")}
    monkeypatch.setattr(loops, "_data", {name: (lambda said=said: said, {}) for name, said in made.items()})
    use_gathering_loop()
    loop = loops.get("auto")
    assert isinstance(loop, GatheringLoop) == ours
    if ours:
        loop.close()
