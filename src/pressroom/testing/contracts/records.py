"""What every Records must do."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pressroom.ports import Record, Records, VersionConflict


class RecordsContract:
    """Subclass it, override `make`, and `again` where handles share a store."""

    def make(self, tmp_path: Path) -> Records:
        """An empty store."""
        raise NotImplementedError

    def again(self, store: Records, tmp_path: Path) -> Records:
        """Another handle on what `store` holds."""
        return store

    def test_versions_are_counted_from_one(self, tmp_path: Path) -> None:
        records = self.make(tmp_path)
        assert records.get("model", "a") is None
        for version in (1, 2, 3):
            document = b'{"n":%d}' % version
            expected = Record(kind="model", key="a", version=version, document=document)
            assert records.put("model", "a", document, seen=version - 1) == expected
            assert records.get("model", "a") == expected
        records.close()

    @pytest.mark.parametrize("seen", [0, 1, 3, 99])
    def test_who_did_not_see_the_newest_version_is_refused(self, tmp_path: Path, seen: int) -> None:
        records = self.make(tmp_path)
        records.put("model", "a", b"1", seen=0)
        newest = records.put("model", "a", b"2", seen=1)
        with pytest.raises(VersionConflict):
            records.put("model", "a", b"lost", seen=seen)
        assert records.get("model", "a") == newest
        records.close()

    def test_a_first_version_wants_none_to_have_been_seen(self, tmp_path: Path) -> None:
        records = self.make(tmp_path)
        with pytest.raises(VersionConflict):
            records.put("model", "a", b"1", seen=1)
        assert records.get("model", "a") is None
        assert records.query("model") == []
        records.close()

    def test_many_are_stored_as_the_next_version_of_each(self, tmp_path: Path) -> None:
        records = self.make(tmp_path)
        other = self.again(records, tmp_path)
        records.put("model", "a", b"1", seen=0)
        records.put("run", "a", b"another kind", seen=0)
        other.put_many("model", {"a": b"2", "b": b"1", "é": b""})
        records.put_many("model", {"b": b"2"})
        records.put_many("model", {})
        found = [(record.key, record.version, record.document) for record in records.query("model")]
        assert found == [("a", 2, b"2"), ("b", 2, b"2"), ("é", 1, b"")]
        assert records.put("model", "a", b"3", seen=2).version == 3
        records.close()
        other.close()

    def test_kinds_do_not_share_keys(self, tmp_path: Path) -> None:
        records = self.make(tmp_path)
        model, run = records.put("model", "a", b"m", seen=0), records.put("run", "a", b"r", seen=0)
        assert (records.get("model", "a"), records.get("run", "a")) == (model, run)
        assert records.query("model") == [model]
        records.close()

    @pytest.mark.parametrize("prefix", ["", "a", "a.", "a%", "a_", "b", "é", "\U0010ffff", "zz"])
    def test_a_query_finds_keys_by_prefix_in_their_order(self, tmp_path: Path, prefix: str) -> None:
        records = self.make(tmp_path)
        keys = [
            "",
            "a",
            "a.b",
            "a.c",
            "a%x",
            "a_x",
            "aB",
            "b",
            "é",
            "éa",
            "\uffff",
            "\U0010ffff",
            "\U0010ffff!",
            "a\x00",
        ]
        for key in keys:
            records.put("model", key, key.encode(), seen=0)
        records.put("other", "a.z", b"", seen=0)
        found = records.query("model", prefix=prefix)
        assert [record.key for record in found] == sorted(key for key in keys if key.startswith(prefix))
        assert all(record.document == record.key.encode() for record in found)
        records.close()

    def test_a_query_shows_the_newest_version_only(self, tmp_path: Path) -> None:
        records = self.make(tmp_path)
        records.put("model", "a", b"1", seen=0)
        newest = records.put("model", "a", b"2", seen=1)
        assert records.query("model") == [newest]
        records.close()

    def test_a_deleted_record_is_gone_and_can_be_made_anew(self, tmp_path: Path) -> None:
        records = self.make(tmp_path)
        records.put("model", "a", b"1", seen=0)
        records.put("model", "a", b"2", seen=1)
        records.delete("model", "a")
        assert records.get("model", "a") is None
        assert records.query("model") == []
        records.put("model", "a", b"3", seen=0)
        record = records.get("model", "a")
        assert record is not None
        assert record.document == b"3"
        records.close()

    def test_deleting_what_is_not_there_is_no_error(self, tmp_path: Path) -> None:
        records = self.make(tmp_path)
        records.delete("model", "nobody")
        records.close()

    def test_a_write_is_seen_by_the_next_read_of_another_handle(self, tmp_path: Path) -> None:
        records = self.make(tmp_path)
        other = self.again(records, tmp_path)
        for version in (1, 2, 3):
            writer, reader = (records, other) if version % 2 else (other, records)
            written = writer.put("model", "a", b"%d" % version, seen=version - 1)
            assert reader.get("model", "a") == written
        records.close()
        other.close()

    def test_threads_that_change_one_record_lose_no_change(self, tmp_path: Path) -> None:
        records = self.make(tmp_path)

        def count(_: int) -> None:
            while True:
                newest = records.get("count", "a")
                seen, number = (newest.version, int(newest.document)) if newest else (0, 0)
                try:
                    records.put("count", "a", b"%d" % (number + 1), seen=seen)
                except VersionConflict:
                    continue
                return

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(count, range(40)))
        record = records.get("count", "a")
        assert record is not None
        assert (record.version, record.document) == (40, b"40")
        records.close()

    def test_scrubbed_is_what_was_removed_or_replaced_and_nothing_else(self, tmp_path: Path) -> None:
        records = self.make(tmp_path)
        other = self.again(records, tmp_path)
        for number in range(200):
            records.put("model", str(number), b"kept %d" % number * 40, seen=0)
        records.put("model", "gone-key", b"gone-document" * 900, seen=0)
        records.put("model", "a", b"gone-document", seen=0)
        records.put("model", "a", b"new", seen=1)
        other.delete("model", "gone-key")
        records.scrub()
        found = [path for path in tmp_path.rglob("*") if path.is_file() and b"gone-" in path.read_bytes()]
        assert found == []
        assert other.get("model", "a") == Record(kind="model", key="a", version=2, document=b"new")
        assert len(other.query("model")) == 201
        records.close()
        other.close()
