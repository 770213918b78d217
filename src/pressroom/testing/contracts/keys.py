"""What every Keys must do."""

import threading
from pathlib import Path

import pytest

from pressroom.ports import Keys

EDGES = [b"", b"\x00", b"\x00\x00", b"a", b"a\x00", b"aa", b"ab", b"a\xff", b"a\xff\xff", b"b", b"\xfe", b"\xff",
         b"\xff\x00", b"\xff\xff", b"\xff\xff\xff"]  # fmt: skip


class KeysContract:
    """Subclass it, override `make`, and `again` where handles share a store."""

    def make(self, tmp_path: Path) -> Keys:
        """An empty store."""
        raise NotImplementedError

    def again(self, store: Keys, tmp_path: Path) -> Keys:
        """Another handle on what `store` holds."""
        return store

    def test_values_come_in_the_order_of_the_keys_asked_for(self, tmp_path: Path) -> None:
        keys = self.make(tmp_path)
        keys.put_many({b"a": b"1", b"b": b"2", b"c": b""})
        assert keys.get_many([b"c", b"nobody", b"a", b"b", b"a"]) == [b"", None, b"1", b"2", b"1"]
        assert keys.get_many([b"b"]) == [b"2"]
        assert keys.get_many((b"nobody",)) == [None]
        assert keys.get_many([]) == []
        keys.close()

    def test_many_keys_are_got_in_one_call(self, tmp_path: Path) -> None:
        keys = self.make(tmp_path)
        pairs = {b"%d" % number: b"v%d" % number for number in range(2_500)}
        keys.put_many(pairs)
        asked = [b"%d" % number for number in range(3_000)]
        assert keys.get_many(asked) == [pairs.get(key) for key in asked]
        keys.close()

    def test_a_value_is_replaced(self, tmp_path: Path) -> None:
        keys = self.make(tmp_path)
        keys.put_many({b"a": b"1", b"b": b"2"})
        keys.put_many({b"a": b"3"})
        keys.put_many({})
        assert keys.get_many([b"a", b"b"]) == [b"3", b"2"]
        keys.close()

    def test_deleted_keys_are_gone_and_the_others_stay(self, tmp_path: Path) -> None:
        keys = self.make(tmp_path)
        keys.put_many({b"a": b"1", b"b": b"2"})
        keys.delete_many([b"a", b"nobody"])
        keys.delete_many([])
        assert keys.get_many([b"a", b"b"]) == [None, b"2"]
        assert list(keys.scan(b"")) == [(b"b", b"2")]
        keys.close()

    @pytest.mark.parametrize("prefix", [*EDGES, b"nobody"])
    def test_a_scan_finds_keys_by_prefix_in_their_order(self, tmp_path: Path, prefix: bytes) -> None:
        keys = self.make(tmp_path)
        keys.put_many({key: b"of " + key for key in reversed(EDGES)})
        expected = [(key, b"of " + key) for key in sorted(EDGES) if key.startswith(prefix)]
        assert list(keys.scan(prefix)) == expected
        keys.close()

    def test_a_scan_that_is_left_does_not_stand_in_the_way(self, tmp_path: Path) -> None:
        keys = self.make(tmp_path)
        keys.put_many({b"%05d" % number: b"v" for number in range(3_000)})
        scan = keys.scan(b"")
        assert next(scan) == (b"00000", b"v")
        keys.put_many({b"00000": b"w"})
        keys.delete_many([b"02999"])
        assert keys.get_many([b"00000", b"02999"]) == [b"w", None]
        del scan
        keys.close()

    def test_another_handle_sees_what_was_put(self, tmp_path: Path) -> None:
        keys = self.make(tmp_path)
        other = self.again(keys, tmp_path)
        keys.put_many({b"a": b"1"})
        assert other.get_many([b"a"]) == [b"1"]
        other.delete_many([b"a"])
        assert keys.get_many([b"a"]) == [None]
        keys.close()
        other.close()

    def test_readers_see_all_of_a_call_or_nothing(self, tmp_path: Path) -> None:
        keys = self.make(tmp_path)
        other = self.again(keys, tmp_path)
        names = [b"%d" % number for number in range(600)]
        keys.put_many(dict.fromkeys(names, b"0"))

        def write() -> None:
            for number in range(1, 30):
                keys.put_many(dict.fromkeys(names, b"%d" % number))

        writer = threading.Thread(target=write)
        writer.start()
        seen: list[set[bytes | None]] = []
        while writer.is_alive():
            seen.append(set(other.get_many(names)))
            seen.append({value for _, value in other.scan(b"")})
        writer.join()
        assert all(len(values) == 1 for values in seen)
        assert set(other.get_many(names)) == {b"29"}
        keys.close()
        other.close()

    def test_scrubbed_is_what_was_removed_or_replaced_and_nothing_else(self, tmp_path: Path) -> None:
        keys = self.make(tmp_path)
        other = self.again(keys, tmp_path)
        keys.put_many({b"%d" % number: b"kept %d" % number * 40 for number in range(300)})
        keys.put_many({b"view/gone-key": b"gone-value" * 900, b"7x": b"gone-value"})
        other.delete_many([b"view/gone-key"])
        keys.put_many({b"7x": b"new"})
        keys.scrub()
        assert traces(tmp_path, b"gone-") == []
        assert other.get_many([b"7x", b"view/gone-key", b"299"]) == [b"new", None, b"kept 299" * 40]
        other.put_many({b"8x": b"after"})
        assert keys.get_many([b"8x"]) == [b"after"]
        keys.close()
        other.close()


def traces(folder: Path, needle: bytes) -> list[str]:
    """The files below `folder` that hold `needle`."""
    return [path.name for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()]
