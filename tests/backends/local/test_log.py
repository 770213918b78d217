import errno
import fcntl
import os
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.backends.local.log import LocalLog
from pressroom.ports import BackendError, Damaged, Entry, NoSpace, Stored
from pressroom.values import InvalidInput

FIRST = "00000000000000000000.log"


def entries(*tokens: str, size: int = 10) -> list[Entry]:
    return [Entry(topic="landing", rows=2, payload=token.encode() * size, token=token) for token in tokens]


def all_of(told: Sequence[Stored | None]) -> list[Stored]:
    assert None not in told
    return [stored for stored in told if stored is not None]


class Crashed:
    """A log whose last frame, of three entries, was written but never acknowledged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "whole"
        log = LocalLog(self.folder)
        self.acknowledged = all_of(log.append(entries("a"))) + all_of(log.append(entries("b", "c")))
        self.segment = self.folder / "segments" / FIRST
        self.start = self.segment.stat().st_size
        mark = (self.folder / "mark").read_bytes()
        self.torn = all_of(log.append(entries("x", "y", "z", size=3)))
        log.close()
        (self.folder / "mark").write_bytes(mark)
        self.whole = self.segment.read_bytes()

    def with_segment(self, raw: bytes) -> Path:
        copy = self.folder.with_name("copy")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.folder, copy)
        (copy / "segments" / FIRST).write_bytes(raw)
        return copy


@pytest.fixture
def crashed(tmp_path: Path) -> Crashed:
    return Crashed(tmp_path)


def check_repaired(crashed: Crashed, folder: Path) -> None:
    log = LocalLog(folder)
    assert (folder / "segments" / FIRST).stat().st_size == crashed.start
    assert list(log.read()) == crashed.acknowledged
    assert log.last() == crashed.acknowledged[-1].next_position
    assert log.append(entries("b")) == [None]
    assert all_of(log.append(entries("x", "y", "z", size=3))) == crashed.torn
    assert list(log.read()) == crashed.acknowledged + crashed.torn
    log.close()


def test_a_tail_torn_at_any_byte_is_cut_off_and_nothing_else(crashed: Crashed) -> None:
    for cut in range(crashed.start, len(crashed.whole)):
        check_repaired(crashed, crashed.with_segment(crashed.whole[:cut]))


def test_a_tail_torn_at_any_byte_is_cut_off_when_the_mark_is_gone(crashed: Crashed) -> None:
    (crashed.folder / "mark").unlink()
    for cut in range(crashed.start, len(crashed.whole), 7):
        check_repaired(crashed, crashed.with_segment(crashed.whole[:cut]))


def test_a_tail_whose_blocks_never_reached_the_disk_is_cut_off(crashed: Crashed) -> None:
    size = len(crashed.whole)
    for hole in range(crashed.start, size, 5):
        raw = crashed.whole[:hole] + bytes(min(20, size - hole)) + crashed.whole[hole + 20 :]
        assert len(raw) == size
        check_repaired(crashed, crashed.with_segment(raw))


def test_a_whole_frame_that_was_not_acknowledged_is_kept(crashed: Crashed) -> None:
    log = LocalLog(crashed.folder)
    assert list(log.read()) == crashed.acknowledged + crashed.torn
    assert log.append(entries("x")) == [None]


def test_acknowledged_entries_that_are_missing_are_damage(crashed: Crashed) -> None:
    LocalLog(crashed.folder).close()
    boundaries = [28, 28 + crashed.acknowledged[0].next_position, crashed.start]
    for cut in [*range(0, len(crashed.whole), 31), *boundaries]:
        folder = crashed.with_segment(crashed.whole[:cut])
        with pytest.raises(Damaged):
            LocalLog(folder)
        assert (folder / "segments" / FIRST).read_bytes() == crashed.whole[:cut]


def test_a_log_without_its_segments_is_damage(crashed: Crashed) -> None:
    shutil.rmtree(crashed.folder / "segments")
    with pytest.raises(Damaged):
        LocalLog(crashed.folder)


@pytest.mark.parametrize("with_mark", [True, False])
def test_a_flipped_byte_before_the_last_frame_is_damage(tmp_path: Path, *, with_mark: bool) -> None:
    log = LocalLog(tmp_path / "log")
    told = [all_of(log.append(entries(token)))[0] for token in "abcd"]
    log.close()
    segment = tmp_path / "log" / "segments" / FIRST
    whole, size = segment.read_bytes(), told[0].next_position
    head = len(segment.read_bytes()) - told[-1].next_position
    for place in range(head + size, head + 2 * size, 3):
        if not with_mark:
            (tmp_path / "log" / "mark").unlink()
        segment.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        if with_mark:
            opened = LocalLog(tmp_path / "log")
            reader = opened.read()
            assert next(reader) == told[0]
            with pytest.raises(Damaged):
                next(reader)
            with pytest.raises(Damaged):
                opened.append(entries("e"))
            opened.close()
        else:
            with pytest.raises(Damaged):
                LocalLog(tmp_path / "log")


def test_a_flipped_byte_in_the_last_acknowledged_frame_is_damage(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log")
    log.append(entries("a"))
    log.close()
    segment = tmp_path / "log" / "segments" / FIRST
    raw = segment.read_bytes()
    segment.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    opened = LocalLog(tmp_path / "log")
    with pytest.raises(Damaged):
        list(opened.read())
    with pytest.raises(Damaged):
        opened.append(entries("b"))
    assert segment.stat().st_size == len(raw)


def test_frames_that_changed_places_are_damage(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log")
    told = [all_of(log.append([Entry(topic="t", rows=0, payload=payload)]))[0] for payload in (b"first", b"other")]
    log.close()
    segment = tmp_path / "log" / "segments" / FIRST
    raw = segment.read_bytes()
    middle = len(raw) - (told[1].next_position - told[1].position)
    head = len(raw) - told[1].next_position
    segment.write_bytes(raw[:head] + raw[middle:] + raw[head:middle])
    opened = LocalLog(tmp_path / "log")
    with pytest.raises(Damaged):
        list(opened.read())


def test_frames_of_another_log_are_damage(tmp_path: Path) -> None:
    whole: list[bytes] = []
    for rows in (1, 2):
        log = LocalLog(tmp_path / f"log{rows}")
        told = [all_of(log.append([Entry(topic="t", rows=rows, payload=b"same")]))[0] for _ in range(2)]
        log.close()
        whole.append((tmp_path / f"log{rows}" / "segments" / FIRST).read_bytes())
    cut = len(whole[0]) - told[1].position
    (tmp_path / "log1" / "segments" / FIRST).write_bytes(whole[0][:cut] + whole[1][cut:])
    with pytest.raises(Damaged):
        LocalLog(tmp_path / "log1").append(entries("a"))


def test_a_broken_older_segment_is_damage(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log", segment_bytes=1)
    for token in "abc":
        log.append(entries(token))
    log.close()
    (tmp_path / "log" / "mark").unlink()
    first = tmp_path / "log" / "segments" / FIRST
    first.write_bytes(first.read_bytes()[:-1])
    with pytest.raises(Damaged):
        LocalLog(tmp_path / "log")


def test_a_missing_segment_in_the_middle_is_damage(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log", segment_bytes=1)
    told = [all_of(log.append(entries(token)))[0] for token in "abc"]
    log.close()
    (tmp_path / "log" / "segments" / f"{told[1].position:020d}.log").unlink()
    opened = LocalLog(tmp_path / "log")
    with pytest.raises(Damaged):
        list(opened.read())
    with pytest.raises(Damaged):
        opened.append(entries("d"))


def test_a_payload_that_looks_like_a_log_confuses_nobody(crashed: Crashed) -> None:
    crashed.segment.write_bytes(crashed.whole[: crashed.start])
    log = LocalLog(crashed.folder)
    mark = (crashed.folder / "mark").read_bytes()
    log.append([Entry(topic="copy", rows=1, payload=crashed.whole)])
    log.close()
    (crashed.folder / "mark").write_bytes(mark)
    check_repaired(crashed, crashed.with_segment(crashed.segment.read_bytes()[:-1]))


def test_a_torn_list_of_trimmed_tokens_is_written_again(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log", segment_bytes=1)
    log.append(entries("a"))
    log.append(entries("b"))
    shutil.copytree(tmp_path / "log" / "segments", tmp_path / "before")
    log.trim(log.last())
    log.close()
    tokens = (tmp_path / "log" / "tokens").read_bytes()
    for cut in range(len(tokens)):
        (tmp_path / "log" / "tokens").write_bytes(tokens[:cut])
        shutil.copytree(tmp_path / "before", tmp_path / "log" / "segments", dirs_exist_ok=True)
        again = LocalLog(tmp_path / "log", segment_bytes=1)
        again.trim(again.last())
        again.close()
        later = LocalLog(tmp_path / "log", segment_bytes=1)
        assert list(later.read()) == []
        assert later.append(entries("a", "b")) == [None, None]
        later.close()


def test_trimming_everything_leaves_one_empty_segment(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log", segment_bytes=200)
    for token in "abcdefgh":
        log.append(entries(token))
    log.trim(log.last())
    assert [path.stat().st_size for path in (tmp_path / "log" / "segments").iterdir()] == [28]
    assert log.first() == log.last()


def test_a_write_that_fails_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = LocalLog(tmp_path / "log")
    told = all_of(log.append(entries("a")))

    def refuse(file: int) -> None:
        raise OSError(errno.EIO, "broken")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", refuse)
        with pytest.raises(BackendError) as caught:
            log.append(entries("b"))
        assert not isinstance(caught.value, NoSpace)
    assert log.last() == told[-1].next_position
    assert list(log.read()) == list(LocalLog(tmp_path / "log").read()) == told
    told += all_of(log.append(entries("b")))
    assert list(log.read()) == told


def test_a_failed_write_that_can_not_be_undone_is_cut_off_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = LocalLog(tmp_path / "log")
    told = all_of(log.append(entries("a")))
    write = os.pwrite

    def write_half(file: int, raw: bytes, offset: int) -> int:
        if len(raw) < 50:
            raise OSError(errno.ENOSPC, "full")
        return write(file, raw[: len(raw) // 2], offset)

    def refuse(file: int, size: int) -> None:
        raise OSError(errno.EIO, "broken")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", write_half)
        patch.setattr(os, "ftruncate", refuse)
        with pytest.raises(NoSpace):
            log.append(entries("b", "c"))
    assert list(log.read()) == told
    told += all_of(log.append(entries("b", "c")))
    assert list(log.read()) == list(LocalLog(tmp_path / "log").read()) == told


def test_a_segment_that_can_not_be_started_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = LocalLog(tmp_path / "log", segment_bytes=1)
    told = all_of(log.append(entries("a")))

    def refuse(self: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        with pytest.raises(NoSpace):
            log.append(entries("b"))
    assert list(log.read()) == list(LocalLog(tmp_path / "log").read()) == told
    told += all_of(log.append(entries("b")))
    assert list(log.read()) == told


@pytest.mark.parametrize(
    "wrong", [Entry(topic="t", rows=-1, payload=b""), Entry(topic="t" * 70_000, rows=1, payload=b"")]
)
def test_an_entry_that_can_not_be_kept_is_refused_with_its_call(tmp_path: Path, wrong: Entry) -> None:
    log = LocalLog(tmp_path / "log")
    with pytest.raises(InvalidInput):
        log.append([*entries("a"), wrong])
    assert log.last() == 0
    assert all_of(log.append(entries("a")))[0].first_seq == 0


def test_a_closed_log_refuses(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log")
    log.append(entries("a"))
    log.close()
    log.close()
    for use in (lambda: log.append(entries("b")), log.last, lambda: log.trim(0), lambda: next(log.read())):
        with pytest.raises(BackendError):
            use()


def test_a_wrong_entry_fails_its_own_call_and_not_those_written_with_it(tmp_path: Path) -> None:
    log = LocalLog(tmp_path / "log")
    failed: list[str] = []

    def append(token: str) -> None:
        try:
            log.append([Entry(topic="t", rows=-1 if token == "wrong" else 1, payload=b"", token=token)])
        except InvalidInput:
            failed.append(token)

    threads = [threading.Thread(target=append, args=(token,)) for token in ("first", "a", "wrong", "b", "c")]
    with open(tmp_path / "log" / "lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        threads[0].start()
        while log._waiting or not log._turn.locked():
            pass
        for thread in threads[1:]:
            thread.start()
        while len(log._waiting) < 4:
            pass
    for thread in threads:
        thread.join()
    assert failed == ["wrong"]
    assert {stored.entry.token for stored in log.read()} == {"first", "a", "b", "c"}


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, int, list[str]]]:
    token = st.sampled_from(["", "a", "b", "c", "d", "e"])
    step = st.tuples(
        st.sampled_from(["append", "append", "trim", "reopen"]), st.integers(0, 1), st.lists(token, max_size=3)
    )
    return draw(st.lists(step, max_size=12))


@settings(max_examples=40, deadline=None)
@given(history=histories(), segment_bytes=st.sampled_from([1, 150, 400]), part=st.floats(0, 1))
def test_any_history_of_two_handles_is_one_list(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[str, int, list[str]]], segment_bytes: int, part: float
) -> None:
    folder = tmp_path_factory.mktemp("history")
    handles = [LocalLog(folder, segment_bytes=segment_bytes) for _ in range(2)]
    model: list[str] = []
    places: dict[int, int] = {0: 0}
    for verb, who, tokens in history:
        if verb == "append":
            told = handles[who].append(entries(*tokens))
            for token, stored in zip(tokens, told, strict=True):
                assert (stored is None) == (token != "" and token in model)
                if stored is not None:
                    assert stored.first_seq == 2 * len(model)
                    assert places[len(model)] == stored.position
                    model.append(token)
                    places[len(model)] = stored.next_position
        elif verb == "trim":
            count = int(part * len(model))
            handles[who].trim(places[count])
            assert [one.entry.token for one in handles[1 - who].read(places[count])] == model[count:]
        else:
            handles[who].close()
            handles[who] = LocalLog(folder, segment_bytes=segment_bytes)
        for handle in handles:
            assert handle.last() == places[len(model)]
            left = [one.entry.token for one in handle.read()]
            assert left == model[len(model) - len(left) :]
    for handle in handles:
        handle.close()
