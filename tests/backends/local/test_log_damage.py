import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from pressroom.backends.local.log import LocalLog
from pressroom.ports import Damaged, Entry, Stored

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
