from pathlib import Path

from pressroom.backends.delta.tables import DeltaTables
from pressroom.backends.memory.tables import MemoryTables
from pressroom.testing.contracts.tables import TablesContract


class TestMemoryTables(TablesContract):
    def make(self, tmp_path: Path) -> MemoryTables:
        return MemoryTables()


class TestDeltaTables(TablesContract):
    def make(self, tmp_path: Path) -> DeltaTables:
        return DeltaTables(tmp_path / "tables")

    def again(self, store: object, tmp_path: Path) -> DeltaTables:
        return DeltaTables(tmp_path / "tables")
