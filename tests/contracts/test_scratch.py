from pathlib import Path

import pytest

from pressroom.backends.local.scratch import LocalScratch
from pressroom.backends.memory.scratch import MemoryScratch
from pressroom.testing.contracts.scratch import ScratchContract
from pressroom.values import InvalidInput


class TestMemoryScratch(ScratchContract):
    travels = False

    def make(self, tmp_path: Path) -> MemoryScratch:
        return MemoryScratch()


class TestLocalScratch(ScratchContract):
    def make(self, tmp_path: Path) -> LocalScratch:
        return LocalScratch(folder=tmp_path / "scratch")

    @pytest.mark.parametrize("name", ["", "/etc/passwd", "../a", "a//b", "a/../../b"])
    def test_a_name_stays_in_the_folder(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(InvalidInput), self.make(tmp_path).write(name):
            pass


class TestDurableScratch(ScratchContract):
    def make(self, tmp_path: Path) -> LocalScratch:
        return LocalScratch(folder=tmp_path / "scratch", durable=True)
