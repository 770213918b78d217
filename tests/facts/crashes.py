"""Kills Pressroom at its own lines and looks at what is left: `python crashes.py SCENARIO FOLDER`.

Work is done in forked children of this process, which itself opens nothing; a child is killed (`kill -9`) when it comes
to the n-th line of Pressroom's code, for many n from the first to the last. Another child then opens what is left.
Exits with 0 if everything was as promised each time.
"""

import os
import resource
import shutil
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pyarrow as pa
import pytest

from pressroom.backends.delta.tables import DeltaTables
from pressroom.backends.local.log import LocalLog
from pressroom.backends.sqlite.keys import SqliteKeys
from pressroom.backends.sqlite.records import SqliteRecords
from pressroom.facts import INSTANT, Batch, Entity, Fact, Facts, Float, Int, Key, KnownRule, RawBatch
from pressroom.features import Features, FeatureView, question_of
from pressroom.ports import NoSpace
from pressroom.testing.clock import TurnedClock

KILLS = 20
ROWS = 3
T = 1_357_000_000_000_000
OURS = f"{os.sep}pressroom{os.sep}"


class Plane(Entity):
    """One aircraft."""


class Landing(Fact):
    """A plane landed. `batch` says in which batch it came."""

    plane: Key[Plane]
    batch: Int
    delay: Float


class Parked(Fact):
    """A plane stood still."""

    plane: Key[Plane]
    batch: Int


class Recent(FeatureView, entity=Plane):
    """Of the last day."""

    landings = Landing.count(window="1d")
    delay = Landing.delay.sum(window="1d")
    last = Landing.delay.last()
    parked = Parked.count(window="1d")


QUESTION = question_of(Landing.schema, [Recent])


class Floor:
    """The facts and features of a workspace in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = LocalLog(folder / "log", segment_bytes=2_000)
        self.facts = Facts(
            log=self.log,
            tables=DeltaTables(folder / "tables"),
            records=SqliteRecords(folder / "records.db"),
            clock=TurnedClock("2013-06-01T00:00Z"),
        )
        self.features = Features(facts=self.facts, keys=SqliteKeys(folder / "keys.db"))

    def append(self, number: int, fact: type[Fact] = Landing) -> bool:
        """Append a batch, note that it was acknowledged, and say whether it was new."""
        columns = {
            "event": pa.array([T + number] * ROWS, INSTANT),
            "plane": [f"N{row}" for row in range(ROWS)],
            "batch": [number] * ROWS,
            "delay": [0.1 * number] * ROWS,
        }
        if fact is Parked:
            del columns["delay"]
        raw = RawBatch(table=pa.table(columns))
        known = KnownRule(kind="after")
        batch = Batch(fact=fact.schema, raw=raw, known=known, source="test", batch=str(number))
        (receipt,) = self.facts.append(batch)
        with (self.folder / "acknowledged").open("a") as file:
            file.write(f"{fact.schema.name} {number}\n")
        return not receipt.repeated

    def settle(self) -> None:
        end = self.facts.log_end()
        self.facts.settle()
        self.facts.trim(end)

    def follow(self) -> None:
        self.features.follow([Recent.view])

    def acknowledged(self, fact: type[Fact] = Landing) -> set[int]:
        path = self.folder / "acknowledged"
        lines = path.read_text().split("\n")[:-1] if path.exists() else []
        return {int(number) for name, number in map(str.split, lines) if name == fact.schema.name}

    def batches(self, fact: type[Fact] = Landing) -> set[int]:
        """The batches that are there; each must be there whole and once, and no number given twice."""
        table, _ = self.facts.read(fact.schema)
        found = Counter(table.column("batch").to_pylist())
        assert set(found.values()) <= {ROWS}, found
        seqs = table.column("seq").to_pylist()
        assert len(set(seqs)) == len(seqs), seqs
        return set(found)

    def check_nothing_lost(self) -> None:
        for fact in (Landing, Parked):
            assert self.batches(fact) >= self.acknowledged(fact), (self.batches(fact), self.acknowledged(fact))

    def check_answers(self) -> None:
        """Online says what offline says, for every plane."""
        planes = [f"N{row}" for row in range(ROWS)]
        asked = pa.table({"as_of": pa.array([T + 100] * ROWS, INSTANT), "plane": planes})
        offline = self.features.offline(QUESTION, asked)[0].to_pylist()
        rows = [{"plane": plane} for plane in planes]
        online = self.features.online(QUESTION).answer(rows, [T + 100] * ROWS)
        assert [answered.values for answered in online] == offline, (online, offline)


# Scenarios: what is there before, what is interrupted, and what must hold afterwards.


def nothing(_: Path) -> None:
    """Start from an empty folder."""


def append(folder: Path) -> None:
    floor = Floor(folder)
    for number in range(5):
        floor.append(number)


def appended(folder: Path) -> None:
    floor = Floor(folder)
    before = floor.batches()
    floor.check_nothing_lost()
    new = {number for number in range(5) if floor.append(number)}
    assert new == set(range(5)) - before, "sent again, only what was missing is added"
    assert floor.batches() == set(range(5))


def two_facts(folder: Path) -> None:
    floor = Floor(folder)
    for number in range(3):
        floor.append(number)
        floor.append(number, Parked)
    floor.settle()
    for number in range(3, 6):
        floor.append(number)
        floor.append(number, Parked)


def settle(folder: Path) -> None:
    floor = Floor(folder)
    floor.settle()
    floor.append(6)
    floor.settle()


def settled(folder: Path) -> None:
    floor = Floor(folder)
    floor.check_nothing_lost()
    before = floor.batches()
    floor.settle()
    floor.settle()
    assert floor.batches() == before >= set(range(6))
    assert floor.batches(Parked) == set(range(6))
    for fact in (Landing, Parked):
        table = DeltaTables(folder / "tables").scan(fact.schema.name)
        assert set(Counter(pa.table(table).column("batch").to_pylist()).values()) == {ROWS}, "in the table itself"


def followed(folder: Path) -> None:
    two_facts(folder)
    Floor(folder).follow()


def follow(folder: Path) -> None:
    floor = Floor(folder)
    floor.append(6)
    floor.follow()
    floor.append(7, Parked)
    floor.append(8)
    floor.settle()
    floor.append(9)
    floor.follow()


def fill(folder: Path) -> None:
    Floor(folder).follow()


def agreeing(folder: Path) -> None:
    floor = Floor(folder)
    floor.follow()
    floor.check_answers()
    floor.append(10)
    floor.follow()
    floor.check_nothing_lost()
    floor.check_answers()


SCENARIOS = {
    "append": (nothing, append, appended),
    "settle": (two_facts, settle, settled),
    "follow": (followed, follow, agreeing),
    "fill": (two_facts, fill, agreeing),
}


def kill_everywhere(name: str, folder: Path) -> None:
    prepare, work, check = SCENARIOS[name]
    base = folder / "base"
    base.mkdir(parents=True)
    assert in_child(prepare, base) == 0
    lines = count_lines(work, shutil.copytree(base, folder / "whole"))
    assert in_child(check, folder / "whole") == 0, "without a kill"
    for turn in range(KILLS):
        line = 1 + turn * lines // KILLS
        place = shutil.copytree(base, folder / f"killed_at_{line}")
        assert in_child(work, place, kill_at=line) == -signal.SIGKILL, f"line {line} of {lines} was not reached"
        assert in_child(check, place) == 0, f"killed at line {line} of {lines}: see {place}"


# Several processes, and a full disk.


def busy(folder: Path) -> None:
    """Three processes append, settle, trim and follow at once, and one of them is killed on the way."""

    def worker(first: int) -> Callable[[Path], None]:
        def work(place: Path) -> None:
            floor = Floor(place)
            for number in range(first, first + 12):
                floor.append(number, Parked if number % 4 == 0 else Landing)
                if number % 3 == 0:
                    floor.settle()
                if number % 2 == 0:
                    floor.follow()

        return work

    folder.mkdir()
    lines = count_lines(worker(1_000), folder)
    children = [start(worker(0), folder), start(worker(100), folder), start(worker(200), folder, kill_at=lines // 2)]
    assert [wait(child) for child in children] == [0, 0, -signal.SIGKILL]

    def check(place: Path) -> None:
        floor = Floor(place)
        wanted = {*range(12), *range(100, 112), *range(1_000, 1_012)}
        for fact in (Landing, Parked):
            due = {number for number in wanted if (number % 4 == 0) == (fact is Parked)}
            assert floor.batches(fact) >= due, due - floor.batches(fact)
        settled_and_followed(floor)

    def settled_and_followed(floor: Floor) -> None:
        floor.check_nothing_lost()
        floor.settle()
        floor.check_nothing_lost()
        floor.follow()
        floor.check_answers()

    assert in_child(check, folder) == 0


def full(folder: Path) -> None:
    """Files may not grow beyond a limit: the append that would is refused whole, and later ones succeed."""

    def work(place: Path) -> None:
        floor = Floor(place)
        floor.append(0)
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        largest = max(path.stat().st_size for path in (place / "log" / "segments").iterdir())
        for spare in (0, 1, 100, 700):
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest + spare, hard))
            with pytest.raises(NoSpace):
                floor.append(1)
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            assert Floor(place).batches() == floor.batches() == {0}
        assert floor.append(1)
        assert not floor.append(1)
        assert Floor(place).batches() == {0, 1}

    folder.mkdir()
    assert in_child(work, folder) == 0


# Children and their ends.


def start(work: Callable[[Path], None], folder: Path, *, kill_at: int = 0, report: int = -1) -> int:
    """Fork a child that does `work` and exits with 0; killed at the line `kill_at` of Pressroom, if that is not 0."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        tracer = LineCounter(kill_at)
        sys.settrace(tracer.enter if kill_at or report >= 0 else None)
        work(folder)
        sys.settrace(None)
        if report >= 0:
            os.write(report, str(tracer.lines).encode())
        code = 0
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        os._exit(code)


def wait(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def in_child(work: Callable[[Path], None], folder: Path, *, kill_at: int = 0) -> int:
    return wait(start(work, folder, kill_at=kill_at))


def count_lines(work: Callable[[Path], None], folder: Path) -> int:
    """Do the work to its end and say how many lines of Pressroom that took."""
    reader, writer = os.pipe()
    assert wait(start(work, folder, report=writer)) == 0
    return int(os.read(reader, 100))


class LineCounter:
    """Counts lines of Pressroom as they are run."""

    def __init__(self, kill_at: int) -> None:
        self.lines = 0
        self._kill_at = kill_at

    def enter(self, frame: FrameType, _: str, __: object):
        return self.line if OURS in frame.f_code.co_filename else None

    def line(self, _: FrameType, event: str, __: object):
        if event == "line":
            self.lines += 1
            if self.lines == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.line


def main() -> None:
    name, folder = sys.argv[1], Path(sys.argv[2])
    others = {"busy": busy, "full": full}
    if name in others:
        others[name](folder)
    else:
        kill_everywhere(name, folder)


if __name__ == "__main__":
    main()
