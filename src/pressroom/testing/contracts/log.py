"""What every Log must do."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pressroom.ports import Entry, Log, Stored

SAMPLES = [
    Entry(topic="landing", rows=3, payload=b"\x00\xff" * 50, token="t1"),
    Entry(topic="departure", rows=1, payload=b"", token="é\n\x00"),
    Entry(topic="landing", rows=0, payload=b"none", token=""),
    Entry(topic="", rows=2, payload=b"x" * 400_000, token="t3"),
]


def kept(told: Sequence[Stored | None]) -> list[Stored]:
    """What an append told, when nothing in it was a repetition."""
    assert None not in told
    return [stored for stored in told if stored is not None]


def entry(number: int, *, token: str = "", rows: int = 1) -> Entry:
    """A small entry that can be told from others."""
    return Entry(topic="landing", rows=rows, payload=b"%d" % number, token=token)


class LogContract:
    """Subclass it, override `make`, and `again` where handles share a store."""

    def make(self, tmp_path: Path) -> Log:
        """An empty log."""
        raise NotImplementedError

    def again(self, store: Log, tmp_path: Path) -> Log:
        """Another handle on what `store` holds."""
        return store

    def test_a_new_log_is_empty(self, tmp_path: Path) -> None:
        log = self.make(tmp_path)
        assert list(log.read()) == []
        assert log.first() == log.last() == 0
        assert log.append([]) == []
        assert log.last() == 0
        log.close()

    def test_what_is_appended_is_read_as_it_was_told(self, tmp_path: Path) -> None:
        log = self.make(tmp_path)
        told = kept(log.append(SAMPLES[:1])) + kept(log.append(SAMPLES[1:]))
        assert [stored.entry for stored in told] == SAMPLES
        assert list(log.read()) == told
        log.close()

    def test_rows_are_numbered_across_all_topics(self, tmp_path: Path) -> None:
        log = self.make(tmp_path)
        told = kept(log.append(SAMPLES)) + kept(log.append([entry(9)]))
        assert [stored.first_seq for stored in told] == [0, 3, 4, 4, 6]
        log.close()

    def test_positions_grow_and_each_entry_ends_where_the_next_starts(self, tmp_path: Path) -> None:
        log = self.make(tmp_path)
        told = kept(log.append(SAMPLES)) + kept(log.append([entry(1), entry(2)]))
        assert told[0].position == log.first()
        assert told[-1].next_position == log.last()
        assert all(stored.position < stored.next_position for stored in told)
        assert [stored.next_position for stored in told[:-1]] == [stored.position for stored in told[1:]]
        log.close()

    def test_reading_goes_on_from_any_entry(self, tmp_path: Path) -> None:
        log = self.make(tmp_path)
        told = [stored for call in (SAMPLES[:3], SAMPLES[3:]) for stored in kept(log.append(call))]
        for place, stored in enumerate(told):
            assert list(log.read(stored.position)) == told[place:]
            assert list(log.read(stored.next_position)) == told[place + 1 :]
        assert list(log.read(log.last() + 1_000)) == []
        log.close()

    def test_a_token_is_kept_once(self, tmp_path: Path) -> None:
        log = self.make(tmp_path)
        told = log.append([entry(1, token="a"), entry(2, token="a"), entry(3, token="b")])
        assert [stored is None for stored in told] == [False, True, False]
        assert log.append([entry(4, token="b")]) == [None]
        again = log.append([entry(5, token="a"), entry(6, token="c")])
        assert [stored is None for stored in again] == [True, False]
        assert [stored.entry.payload for stored in log.read()] == [b"1", b"3", b"6"]
        assert [stored.first_seq for stored in log.read()] == [0, 1, 2]
        log.close()

    def test_what_is_attached_is_kept_with_the_entry_before_it_or_not_at_all(self, tmp_path: Path) -> None:
        log = self.make(tmp_path)
        note = Entry(topic="note", rows=1, payload=b"n", attached=True)
        assert [stored is not None for stored in log.append([entry(1, token="a"), note, note])] == [True] * 3
        told = log.append([entry(2, token="a"), note, note, entry(3, token="b"), note])
        assert [stored is not None for stored in told] == [False, False, False, True, True]
        assert [stored.entry.payload for stored in self.again(log, tmp_path).read()] == [
            b"1", b"n", b"n", b"3", b"n",
        ]  # fmt: skip
        log.close()

    def test_an_empty_token_promises_nothing(self, tmp_path: Path) -> None:
        log = self.make(tmp_path)
        assert None not in log.append([entry(1), entry(1)]) + log.append([entry(1)])
        assert len(list(log.read())) == 3
        log.close()

    def test_another_handle_goes_on_in_the_same_order(self, tmp_path: Path) -> None:
        log = self.make(tmp_path)
        other = self.again(log, tmp_path)
        told = [kept((log, other)[number % 2].append([entry(number, token=str(number))]))[0] for number in range(10)]
        assert [stored.first_seq for stored in told] == list(range(10))
        assert list(log.read()) == list(other.read()) == told
        assert log.last() == other.last() == told[-1].next_position
        assert log.append([entry(0, token="9")]) == other.append([entry(0, token="8")]) == [None]
        log.close()
        other.close()

    def test_a_handle_that_comes_later_finds_everything(self, tmp_path: Path) -> None:
        log = self.make(tmp_path)
        told = kept(log.append(SAMPLES))
        later = self.again(log, tmp_path)
        assert list(later.read()) == told
        assert later.append([SAMPLES[0]]) == [None]
        assert kept(later.append([entry(1)]))[0].first_seq == 6
        later.close()
        log.close()

    @pytest.mark.parametrize("cut", range(7))
    def test_trimming_keeps_what_comes_after(self, tmp_path: Path, cut: int) -> None:
        log = self.make(tmp_path)
        told = [kept(log.append([entry(number, token=str(number))]))[0] for number in range(6)]
        places = [*(stored.position for stored in told), log.last()]
        log.trim(places[cut])
        left = list(log.read())
        assert left == told[len(told) - len(left) :]
        assert len(left) >= len(told) - cut
        assert log.first() <= places[cut]
        assert list(log.read(log.first())) == left
        assert list(log.read(places[cut])) == told[cut:]
        log.close()

    def test_trimmed_twice_entries_are_gone_for_certain_however_much_is_appended(self, tmp_path: Path) -> None:
        log = self.make(tmp_path)
        told = [kept(log.append([entry(number, token=str(number))]))[0] for number in range(4)]
        log.trim(told[2].position)
        end = log.last()
        late = kept(log.append([entry(9)]))[0]
        log.trim(end)
        assert log.first() == end
        assert list(log.read()) == [late]
        assert log.append([entry(1, token="1")]) == [None]
        log.close()

    def test_tokens_positions_and_numbers_outlive_trimming(self, tmp_path: Path) -> None:
        log = self.make(tmp_path)
        for number in range(5):
            log.append([entry(number, token=str(number), rows=2)])
            log.trim(log.last())
        end = log.last()
        later = self.again(log, tmp_path)
        for handle in (log, later):
            assert handle.last() == end
            assert handle.append([entry(9, token=str(number)) for number in range(5)]) == [None] * 5
        stored = kept(later.append([entry(6)]))[0]
        assert (stored.position, stored.first_seq) == (end, 10)
        assert list(log.read(end)) == [stored]
        assert later.last() == log.last() == stored.next_position
        log.close()
        later.close()

    def test_a_handle_that_slept_through_a_trim_still_knows_the_tokens(self, tmp_path: Path) -> None:
        log = self.make(tmp_path)
        sleeper = self.again(log, tmp_path)
        sleeper.append([entry(0, token="0")])
        for number in range(1, 5):
            log.append([entry(number, token=str(number))])
        log.trim(log.last())
        assert sleeper.append([entry(9, token=str(number)) for number in range(5)]) == [None] * 5
        assert kept(sleeper.append([entry(5)]))[0].first_seq == 5
        log.close()
        sleeper.close()

    @pytest.mark.parametrize("trimmed", [False, True])
    def test_of_very_many_tokens_each_is_remembered_by_a_handle_that_comes_later(
        self, tmp_path: Path, *, trimmed: bool
    ) -> None:
        log = self.make(tmp_path)
        tokens = [f"token {number}" for number in range(9_000)]
        for at in range(0, len(tokens), 1_500):
            kept(log.append([entry(at, token=token) for token in tokens[at : at + 1_500]]))
        if trimmed:
            log.trim(log.last())
        later = self.again(log, tmp_path)
        assert later.append([entry(1, token=token) for token in tokens[::50]]) == [None] * 180
        assert None not in later.append([entry(1, token=f"{token}+") for token in tokens[::50]])
        assert log.append([entry(1, token=token) for token in (tokens[0], tokens[-1])]) == [None] * 2
        later.close()
        log.close()

    def test_threads_append_in_one_order_and_lose_nothing(self, tmp_path: Path) -> None:
        log = self.make(tmp_path)

        def append(worker: int) -> list[Stored]:
            return [
                stored
                for number in range(20)
                for stored in kept(log.append([entry(worker, token=f"{worker}.{number}.{part}") for part in "ab"]))
            ]

        with ThreadPoolExecutor(8) as threads:
            told = [stored for one in threads.map(append, range(8)) for stored in one]
        assert sorted(told, key=lambda stored: stored.position) == list(log.read())
        assert [stored.first_seq for stored in log.read()] == list(range(320))
        tokens = [stored.entry.token for stored in log.read()]
        assert all(a[:-1] == b[:-1] for a, b in zip(tokens[::2], tokens[1::2], strict=True))
        log.close()

    def test_threads_that_append_one_token_keep_it_once(self, tmp_path: Path) -> None:
        log = self.make(tmp_path)

        def append(number: int) -> list[Stored | None]:
            return log.append([entry(number, token="same")])

        with ThreadPoolExecutor(8) as threads:
            told = list(threads.map(append, range(24)))
        assert sum(one != [None] for one in told) == 1
        assert len(list(log.read())) == 1
        log.close()
