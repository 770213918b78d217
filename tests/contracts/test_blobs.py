from pathlib import Path

from pressroom.backends.local.blobs import LocalBlobs
from pressroom.backends.memory.blobs import MemoryBlobs
from pressroom.testing.contracts.blobs import BlobsContract


class TestMemoryBlobs(BlobsContract):
    def make(self, tmp_path: Path) -> MemoryBlobs:
        return MemoryBlobs()


class TestLocalBlobs(BlobsContract):
    def make(self, tmp_path: Path) -> LocalBlobs:
        return LocalBlobs(tmp_path / "blobs")

    def again(self, store: object, tmp_path: Path) -> LocalBlobs:
        return LocalBlobs(tmp_path / "blobs")
