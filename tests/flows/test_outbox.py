"""The outbox: told until it is taken, by each way once, and not for ever."""

from pressroom.backends.memory.notices import MemoryNotices
from pressroom.backends.memory.records import MemoryRecords
from pressroom.flows import Outbox
from pressroom.ports import BackendError, Notice
from pressroom.testing.clock import TurnedClock


class Refusing:
    """Takes nothing until it is told to."""

    def __init__(self) -> None:
        self.takes = False
        self.asked = 0

    def send(self, notice: Notice) -> None:
        self.asked += 1
        if not self.takes:
            raise BackendError("no answer")


def test_a_notice_is_told_again_until_it_is_taken_and_never_again_by_who_took_it():
    clock, records = TurnedClock(), MemoryRecords()
    first, second = MemoryNotices(), Refusing()
    outbox = Outbox({"list": first, "hook": second}, records=records, clock=clock)
    notice = Notice(id="a", at=clock.now(), owner="", subject="s", text="t")
    outbox.post(notice)
    outbox.post(notice)
    assert outbox.deliver() == []
    assert outbox.deliver() == []
    assert second.asked == 1, "not at once again"
    first.told.clear()
    clock.advance("6s")
    assert outbox.deliver() == []
    assert second.asked == 2
    assert outbox.waiting()[0].wrong == "no answer"
    second.takes = True
    clock.advance("11s")
    assert outbox.deliver() == [notice]
    assert not first.told
    assert outbox.waiting() == []


def test_a_notice_that_nobody_takes_for_a_day_is_given_up_but_not_forgotten():
    clock, way = TurnedClock(), Refusing()
    outbox = Outbox({"hook": way}, records=MemoryRecords(), clock=clock)
    outbox.post(Notice(id="a", at=clock.now(), owner="", subject="s", text="t"))
    outbox.deliver()
    clock.advance("25h")
    way.takes = True
    assert outbox.deliver() == []
    assert len(outbox.waiting()) == 1
