import errno
import fcntl
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.backends.local.log import LocalLog
from pressroom.ports import BackendError, Entry, NoSpace, Stored
from pressroom.values import InvalidInput


def entries(*tokens: str, size: int = 10) -> list[Entry]:
    return [Entry(topic="landing", rows=2, payload=token.encode() * size, token=token) for token in tokens]


def all_of(told: Sequence[Stored | None]) -> list[Stored]:
    assert None not in told
    return [stored for stored in told if stored is not None]


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
