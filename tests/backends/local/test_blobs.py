import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pressroom.backends.local.blobs import LocalBlobs
from pressroom.ports import BackendError, Damaged, NoSpace


def file_of(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / digest[2:]


def test_a_blob_that_was_changed_on_disk_is_damaged(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    digest = blobs.put(b"whole")
    file_of(tmp_path, digest).write_bytes(b"whale")
    with pytest.raises(Damaged):
        blobs.get(digest)


def test_putting_a_damaged_blob_again_mends_it(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    digest = blobs.put(b"whole")
    file_of(tmp_path, digest).write_bytes(b"")
    assert blobs.put(b"whole") == digest
    assert blobs.get(digest) == b"whole"


def test_the_draft_of_a_put_that_was_killed_is_no_blob(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    digest = blobs.put(b"whole")
    file_of(tmp_path, digest).with_suffix(".123.draft").write_bytes(b"who")
    (tmp_path / "notes.txt").write_text("no blob")
    assert list(blobs.list()) == [digest]


def test_a_full_disk_is_no_space_and_leaves_nothing(small_disk: Path, fill_disk: Callable[[Path, int], Path]) -> None:
    blobs = LocalBlobs(small_disk / "blobs")
    kept = blobs.put(b"kept")
    filler = fill_disk(small_disk, 50_000)
    big = os.urandom(100_000)
    with pytest.raises(NoSpace):
        blobs.put(big)
    assert list(blobs.list()) == [kept]
    assert not list(small_disk.rglob("*.draft"))
    filler.unlink()
    assert blobs.get(blobs.put(big)) == big


def test_a_folder_that_can_not_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BackendError):
        LocalBlobs(tmp_path / "file" / "blobs")
