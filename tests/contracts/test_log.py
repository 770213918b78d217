from pathlib import Path

from pressroom.backends.local.log import LocalLog
from pressroom.backends.memory.log import MemoryLog
from pressroom.testing.contracts.log import LogContract


class TestMemoryLog(LogContract):
    def make(self, tmp_path: Path) -> MemoryLog:
        return MemoryLog()


class TestLocalLog(LogContract):
    def make(self, tmp_path: Path) -> LocalLog:
        return LocalLog(tmp_path / "log")

    def again(self, store: object, tmp_path: Path) -> LocalLog:
        return LocalLog(tmp_path / "log")


class TestLocalLogOfSmallSegments(LogContract):
    def make(self, tmp_path: Path) -> LocalLog:
        return LocalLog(tmp_path / "log", segment_bytes=100)

    def again(self, store: object, tmp_path: Path) -> LocalLog:
        return LocalLog(tmp_path / "log", segment_bytes=100)
