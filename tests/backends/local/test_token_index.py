import os
import random
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.backends.local import token_index
from pressroom.backends.local.log import LocalLog
from pressroom.backends.local.token_index import grown_together
from pressroom.backends.local.token_run import Cover, Run, Unsound, digest_of, in_order, write_run
from pressroom.ports import Damaged, Entry, Stored


@pytest.fixture
def small_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_index, "RUN_TOKENS", 3)
    monkeypatch.setattr(token_index, "RUN_BYTES", 1_000)
    monkeypatch.setattr(token_index, "FULL_RUN_TOKENS", 40)


def entries(*tokens: str) -> list[Entry]:
    return [Entry(topic="t", rows=1, payload=token.encode() * 3, token=token) for token in tokens]


def fill(log: LocalLog, count: int, *, of: str = "t") -> None:
    for number in range(count):
        assert None not in log.append(entries(f"{of}{number}"))


def known(log: LocalLog, count: int, *, of: str = "t") -> bool:
    return log.append(entries(*(f"{of}{number}" for number in range(count)))) == [None] * count


def runs(folder: Path) -> list[Path]:
    return sorted((folder / "index").glob("*.run"))


def cover(end: int = 10) -> Cover:
    return Cover(start=0, end=end, next_seq=7, last=end - 1, proof=b"12345678")


@pytest.mark.parametrize("count", [0, 1, 2, 254, 255, 256, 1_000, 5_000])
def test_a_run_holds_what_was_put_into_it_and_nothing_else(tmp_path: Path, count: int) -> None:
    put = [digest_of(str(number)) for number in range(count)]
    run = write_run(tmp_path / "a.run", cover(), in_order(b"".join(put + put)))
    assert (run.count, run.cover) == (count, cover())
    assert run.digests() == b"".join(sorted(put))
    assert all(run.holds(digest) for digest in put)
    others = [digest_of(f"other{number}") for number in range(500)]
    edges = [bytes(16), b"\xff" * 16, *(one[:15] + bytes([one[15] ^ 1]) for one in put[:200])]
    assert not any(run.holds(digest) for digest in others + edges)


def test_digests_that_end_in_zeros_are_told_apart(tmp_path: Path) -> None:
    put = [b"a" * size + bytes(16 - size) for size in range(17)]
    run = write_run(tmp_path / "a.run", cover(), in_order(b"".join(reversed(put))))
    assert run.digests() == b"".join(sorted(put))
    assert all(run.holds(digest) for digest in put)


def test_a_run_broken_anywhere_says_so_and_removes_itself(tmp_path: Path) -> None:
    put = [digest_of(str(number)) for number in range(600)]
    path = tmp_path / "a.run"
    write_run(path, cover(), in_order(b"".join(put)))
    whole = path.read_bytes()
    broken = [whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :] for place in range(0, len(whole), 101)]
    broken += [whole[:place] for place in range(0, len(whole), 97)]
    broken += [whole + b"x", b"", whole[:64] + bytes(len(whole) - 64)]
    for raw in broken:
        path.write_bytes(raw)
        with pytest.raises(Unsound):
            Run(path).digests()
        assert not path.exists()


def test_blocks_that_changed_places_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.run"
    write_run(path, cover(), in_order(b"".join(digest_of(str(number)) for number in range(510))))
    raw = path.read_bytes()
    block = 4 + 255 * 16
    head = raw[: len(raw) - 2 * block]
    path.write_bytes(head + raw[-block:] + raw[-2 * block : -block])
    with pytest.raises(Unsound):
        Run(path).digests()


def test_few_runs_are_kept_however_many_are_added() -> None:
    counts: list[int] = []
    written = 0
    for _ in range(1_500):
        counts.append(token_index.RUN_TOKENS)
        while (count := grown_together(counts)) > 1:
            counts[-count:] = [sum(counts[-count:])]
            written += counts[-1]
        full = sum(count >= token_index.FULL_RUN_TOKENS for count in counts)
        assert len(counts) - full <= 12
    assert max(counts) < 2 * token_index.FULL_RUN_TOKENS
    assert written <= 5 * sum(counts)


def test_a_later_process_reads_what_came_since_the_index_was_kept_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_bytes: Callable[[], int]
) -> None:
    monkeypatch.setattr(token_index, "RUN_TOKENS", 64)
    monkeypatch.setattr(token_index, "RUN_BYTES", 100_000)
    costs: list[int] = []
    for part in range(4):
        log = LocalLog(tmp_path / "log", segment_bytes=200_000)
        fill(log, 640, of=f"{part}.")
        log.close()
        later = LocalLog(tmp_path / "log", segment_bytes=200_000)
        before = read_bytes()
        later.append(entries(f"first of {part}"))
        costs.append(read_bytes() - before)
        later.close()
    assert max(costs) < 60_000 < LocalLog(tmp_path / "log").last()


@pytest.fixture
def read_bytes(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    read, total = os.pread, 0

    def counted(file: int, size: int, offset: int) -> bytes:
        nonlocal total
        raw = read(file, size, offset)
        total += len(raw)
        return raw

    monkeypatch.setattr(os, "pread", counted)
    return lambda: total


@pytest.mark.usefixtures("small_runs")
@pytest.mark.parametrize("trimmed", [False, True])
@pytest.mark.parametrize("loss", ["all", "first", "middle", "last", "torn", "garbage", "drafts"])
def test_an_index_that_is_lost_in_part_or_whole_is_made_again(tmp_path: Path, loss: str, *, trimmed: bool) -> None:
    folder = tmp_path / "log"
    log = LocalLog(folder, segment_bytes=500)
    sleeper = LocalLog(folder, segment_bytes=500)
    fill(sleeper, 1, of="s")
    fill(log, 60)
    if trimmed:
        log.trim(log.last() // 2)
    there = runs(folder)
    assert len(there) > 2
    if loss == "all":
        shutil.rmtree(folder / "index")
    elif loss == "torn":
        there[1].write_bytes(there[1].read_bytes()[:-5])
    elif loss == "garbage":
        for path in there:
            path.write_bytes(bytes(path.stat().st_size))
    elif loss == "drafts":
        (folder / "index" / "x.run.draft").write_bytes(b"x")
    else:
        there[{"first": 0, "middle": 1, "last": -1}[loss]].unlink()
    later = LocalLog(folder, segment_bytes=500)
    for handle in (later, log, sleeper):
        assert known(handle, 60)
        assert known(handle, 1, of="s")
        fill(handle, 9, of=str(id(handle)))
    assert not list((folder / "index").glob("*.draft"))
    for handle in (later, log, sleeper):
        assert known(handle, 60)
        handle.close()


@pytest.mark.usefixtures("small_runs")
def test_an_index_that_is_lost_while_a_handle_sleeps_is_made_again_by_it(tmp_path: Path) -> None:
    log, other = LocalLog(tmp_path / "log"), LocalLog(tmp_path / "log")
    fill(log, 30)
    fill(other, 60, of="o")
    shutil.rmtree(tmp_path / "log" / "index")
    assert known(log, 60, of="o")
    assert known(log, 30)
    log.close()
    other.close()


@pytest.mark.usefixtures("small_runs")
def test_a_run_that_breaks_while_it_is_open_is_made_again(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log")
    fill(log, 60)
    for path in runs(tmp_path / "log"):
        raw = bytearray(path.read_bytes())
        raw[-3] ^= 1
        with path.open("r+b") as file:
            file.write(raw)
    assert known(log, 60)
    fill(log, 20, of="more")
    assert known(log, 60)
    assert [stored.entry.token for stored in log.read()].count("t7") == 1
    log.close()


@pytest.mark.usefixtures("small_runs")
def test_a_log_that_was_cut_back_forgets_what_it_no_longer_holds(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    log = LocalLog(folder, segment_bytes=700)
    fill(log, 20)
    shutil.copytree(folder / "segments", tmp_path / "segments")
    mark = (folder / "mark").read_bytes()
    fill(log, 30, of="lost")
    log.close()
    shutil.rmtree(folder / "segments")
    shutil.copytree(tmp_path / "segments", folder / "segments")
    (folder / "mark").write_bytes(mark)
    again = LocalLog(folder, segment_bytes=700)
    assert known(again, 20)
    fill(again, 30, of="lost")
    assert known(again, 30, of="lost")
    again.close()


@pytest.mark.usefixtures("small_runs")
def test_the_index_of_another_log_is_not_believed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        log = LocalLog(tmp_path / name)
        fill(log, 50, of=name)
        log.close()
    shutil.rmtree(tmp_path / "a" / "index")
    shutil.copytree(tmp_path / "b" / "index", tmp_path / "a" / "index")
    log = LocalLog(tmp_path / "a")
    assert known(log, 50, of="a")
    fill(log, 50, of="b")
    log.close()


@pytest.mark.usefixtures("small_runs")
def test_segments_that_are_missing_or_cut_are_damage_whatever_the_index_says(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    log = LocalLog(whole, segment_bytes=300)
    fill(log, 60)
    log.close()
    count = len(list((whole / "segments").iterdir()))
    assert count > 4
    for place in range(count):
        for cut in (0, 1):
            copy = tmp_path / f"{place}.{cut}"
            shutil.copytree(whole, copy)
            path = sorted((copy / "segments").iterdir())[place]
            path.write_bytes(path.read_bytes()[:-cut]) if cut else path.unlink()
            if place == 0 and not cut:
                continue  # as after a trim: the index knows its tokens
            with pytest.raises(Damaged):
                LocalLog(copy).append(entries("new"))


@pytest.mark.usefixtures("small_runs")
def test_an_index_that_can_not_be_written_stops_no_append(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Run:
        raise OSError(28, "No space left on device")

    folder = tmp_path / "log"
    log = LocalLog(folder, segment_bytes=300)
    with monkeypatch.context() as patch:
        patch.setattr(token_index, "write_run", refuse)
        fill(log, 40)
        log.trim(log.last())
        assert known(log, 40)
        later = LocalLog(folder, segment_bytes=300)
        assert known(later, 40)
        later.close()
    assert runs(folder) == []
    fill(log, 10, of="more")
    assert runs(folder) != []
    later = LocalLog(folder, segment_bytes=300)
    assert known(later, 40)
    assert known(later, 10, of="more")
    later.close()
    log.close()


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    verb = st.sampled_from(
        ["append"] * 6 + ["trim", "reopen", "cut index", "flip index", "drop run", "tear log", "old"]
    )
    return draw(st.lists(st.tuples(verb, st.integers(0, 1), st.integers(0, 10_000)), max_size=25))


def flipped(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes(byte ^ 8 for byte in raw[place : place + 1]) + raw[place + 1 :]


class Model:
    """A log of two handles, and the list of tokens that it must be."""

    def __init__(self, folder: Path, segment_bytes: int) -> None:
        self.folder, self.segment_bytes = folder, segment_bytes
        self.handles = [self.open() for _ in range(2)]
        self.tokens: list[str] = []
        self.ends = [0]
        self.torn = 0

    def open(self) -> LocalLog:
        return LocalLog(self.folder, segment_bytes=self.segment_bytes)

    def append(self, who: int, number: int) -> None:
        chance = random.Random(number)
        tokens = [str(chance.randrange(60)) for _ in range(chance.randrange(12))]
        told: Sequence[Stored | None] = self.handles[who].append(entries(*tokens))
        for token, stored in zip(tokens, told, strict=True):
            assert (stored is None) == (token in self.tokens)
            if stored is not None:
                assert (stored.position, stored.first_seq) == (self.ends[-1], len(self.tokens))
                self.tokens.append(token)
                self.ends.append(stored.next_position)

    def trim(self, who: int, number: int) -> None:
        self.handles[who].trim(self.ends[number % len(self.ends)])

    def reopen(self, who: int) -> None:
        self.handles[who].close()
        self.handles[who] = self.open()

    def harm(self, number: int, change: Callable[[bytes, int], bytes]) -> None:
        there = [path for path in (self.folder / "index").glob("*") if path.is_file()]
        if there:
            path = sorted(there)[number % len(there)]
            raw = path.read_bytes()
            path.write_bytes(change(raw, number % max(len(raw), 1)))

    def drop(self, number: int) -> None:
        there = runs(self.folder)
        if there:
            there[number % len(there)].unlink()

    def tear(self, who: int, number: int) -> None:
        """A process dies while it writes a frame: a part of it is there, and nobody was told."""
        last = max((self.folder / "segments").iterdir())
        mark = (self.folder / "mark").read_bytes()
        size = last.stat().st_size
        self.torn += 1
        token = f"torn{self.torn}"
        assert self.handles[who].append(entries(token)) != [None]
        if last == max((self.folder / "segments").iterdir()) and last.stat().st_size > size:
            frame = last.stat().st_size - size
            (self.folder / "mark").write_bytes(mark)
            with last.open("r+b") as file:
                file.truncate(size + number % frame)
            self.reopen(who)
        else:
            self.tokens.append(token)
            self.ends.append(self.handles[who].last())

    def renew(self, number: int) -> None:
        """The index of an earlier moment is put back, as by a backup."""
        old = self.folder.with_name(f"{self.folder.name}.old")
        index = self.folder / "index"
        if old.exists() and number % 2:
            shutil.rmtree(index, ignore_errors=True)
            shutil.copytree(old, index)
        elif index.exists():
            shutil.rmtree(old, ignore_errors=True)
            shutil.copytree(index, old)

    def do(self, verb: str, who: int, number: int) -> None:
        does: dict[str, Callable[[], None]] = {
            "append": lambda: self.append(who, number),
            "trim": lambda: self.trim(who, number),
            "reopen": lambda: self.reopen(who),
            "cut index": lambda: self.harm(number, lambda raw, place: raw[:place]),
            "flip index": lambda: self.harm(number, flipped),
            "drop run": lambda: self.drop(number),
            "tear log": lambda: self.tear(who, number),
            "old": lambda: self.renew(number),
        }
        does[verb]()


@settings(max_examples=60, deadline=None)
@given(history=histories(), segment_bytes=st.sampled_from([1, 300, 2_000]))
def test_whatever_befalls_index_and_log_a_token_is_kept_once_and_none_is_made_up(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[str, int, int]], segment_bytes: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(token_index, "RUN_TOKENS", 3)
        patch.setattr(token_index, "RUN_BYTES", 400)
        patch.setattr(token_index, "FULL_RUN_TOKENS", 40)
        model = Model(tmp_path_factory.mktemp("history") / "log", segment_bytes)
        for verb, who, number in history:
            model.do(verb, who, number)
        for handle in (*model.handles, model.open()):
            assert handle.append(entries(*model.tokens)) == [None] * len(model.tokens)
            assert None not in handle.append(entries(f"new{id(handle)}"))
            handle.close()
