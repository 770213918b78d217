"""What steps made is known here at once, and soon to all others: long work is written at once, short work together."""

import pytest

from pressroom.backends.memory.blobs import MemoryBlobs
from pressroom.backends.memory.records import MemoryRecords
from pressroom.flows import results as results_file
from pressroom.flows.key import Key
from pressroom.flows.results import Results


def key(number):
    return Key(step="make", code={}, values={}, arguments={"number": str(number)}, environment={})


class Counting(MemoryRecords):
    def __init__(self):
        super().__init__()
        self.writes = []

    def put_many(self, kind, documents):
        self.writes.append(len(documents))
        super().put_many(kind, documents)


@pytest.fixture
def now(monkeypatch):
    shown = [100.0]
    monkeypatch.setattr(results_file.time, "monotonic", lambda: shown[0])
    return shown


def made(results, number, wall_s):
    results.remember(key(number), results.made(b"%d" % number, "data", run="r", made=0, wall_s=wall_s))


def test_short_work_is_written_together_and_seen_here_before(now):
    records, blobs = Counting(), MemoryBlobs()
    mine, theirs = Results(records=records, blobs=blobs), Results(records=records, blobs=blobs)
    for number in range(5):
        made(mine, number, 0.001)
    assert [mine.look(key(each), cache=True).result.content for each in range(5)] == [b"0", b"1", b"2", b"3", b"4"]
    assert theirs.look(key(0), cache=True).result is None
    assert 0.0 < mine.due_s() < 0.1
    mine.write()
    assert records.writes == []
    now[0] += mine.due_s()
    mine.write()
    mine.write()
    assert records.writes == [5]
    assert theirs.look(key(4), cache=True).result.content == b"4"
    assert mine.due_s() == float("inf")


def test_long_work_is_written_at_once_with_what_waits(now):
    records, blobs = Counting(), MemoryBlobs()
    results = Results(records=records, blobs=blobs)
    made(results, 1, 0.001)
    made(results, 2, 60.0)
    assert records.writes == [2]


def test_what_somebody_builds_on_is_due(now):
    records = Counting()
    results = Results(records=records, blobs=MemoryBlobs())
    made(results, 1, 0.001)
    results.press()
    assert results.due_s() <= 0.0
    results.write()
    assert records.writes == [1]
    made(results, 2, 0.001)
    assert results.due_s() > 0.0


def test_what_could_not_be_written_is_written_later(now):
    class Full(Counting):
        room = False

        def put_many(self, kind, documents):
            if not self.room:
                raise OSError("no room")
            super().put_many(kind, documents)

    records = Full()
    results = Results(records=records, blobs=MemoryBlobs())
    with pytest.raises(OSError, match="no room"):
        made(results, 1, 60.0)
    records.room = True
    results.close()
    assert records.writes == [1]
