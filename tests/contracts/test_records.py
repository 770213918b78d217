from pathlib import Path

from pressroom.backends.memory.records import MemoryRecords
from pressroom.backends.sqlite.records import SqliteRecords
from pressroom.testing.contracts.records import RecordsContract


class TestMemoryRecords(RecordsContract):
    def make(self, tmp_path: Path) -> MemoryRecords:
        return MemoryRecords()


class TestSqliteRecords(RecordsContract):
    def make(self, tmp_path: Path) -> SqliteRecords:
        return SqliteRecords(tmp_path / "records.db")

    def again(self, store: object, tmp_path: Path) -> SqliteRecords:
        return SqliteRecords(tmp_path / "records.db")
