from pathlib import Path

from pressroom.backends.memory.keys import MemoryKeys
from pressroom.backends.sqlite.keys import SqliteKeys
from pressroom.testing.contracts.keys import KeysContract


class TestMemoryKeys(KeysContract):
    def make(self, tmp_path: Path) -> MemoryKeys:
        return MemoryKeys()


class TestSqliteKeys(KeysContract):
    def make(self, tmp_path: Path) -> SqliteKeys:
        return SqliteKeys(tmp_path / "keys.db")

    def again(self, store: object, tmp_path: Path) -> SqliteKeys:
        return SqliteKeys(tmp_path / "keys.db")
