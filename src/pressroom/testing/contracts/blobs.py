"""What every Blobs must do."""

from contextlib import suppress
from pathlib import Path

import pytest

from pressroom.ports import Blobs, Unchecked
from pressroom.values import NotFound, digest_bytes

SAMPLES = [b"", b"\x00", b"a", b"\xff" * 100_000, bytes(range(256))]


class BlobsContract:
    """Subclass it, override `make`, and `again` where handles share a store."""

    def make(self, tmp_path: Path) -> Blobs:
        """An empty store."""
        raise NotImplementedError

    def again(self, store: Blobs, tmp_path: Path) -> Blobs:
        """Another handle on what `store` holds."""
        return store

    @pytest.mark.parametrize("data", SAMPLES, ids=len)
    def test_what_is_put_is_got_under_its_digest(self, tmp_path: Path, data: bytes) -> None:
        blobs = self.make(tmp_path)
        digest = blobs.put(data)
        assert digest == digest_bytes(data)
        assert blobs.exists(digest)
        assert blobs.get(digest) == data

    def test_a_part_is_read_as_it_is_stored(self, tmp_path: Path) -> None:
        blobs = self.make(tmp_path)
        if not isinstance(blobs, Unchecked):
            pytest.skip("it has no reading of parts")
        digest = blobs.put(SAMPLES[-1])
        for at, room in ((0, 256), (0, 300), (7, 10), (250, 10), (256, 4), (900, 4), (3, 0)):
            into, wanted = bytearray(room), SAMPLES[-1][at : at + room]
            assert blobs.read_part(digest, at, memoryview(into)) == len(wanted)
            assert into[: len(wanted)] == wanted
        for never in (digest_bytes(b"never put"), "", "../../etc/passwd"):
            with pytest.raises(NotFound):
                blobs.read_part(never, 0, memoryview(bytearray(1)))

    def test_the_same_bytes_twice_are_one_blob(self, tmp_path: Path) -> None:
        blobs = self.make(tmp_path)
        assert blobs.put(b"same") == blobs.put(b"same")
        assert list(blobs.list()) == [digest_bytes(b"same")]

    @pytest.mark.parametrize("digest", [digest_bytes(b"never put"), "", "../../etc/passwd", "A" * 64])
    def test_what_was_never_put_is_not_found(self, tmp_path: Path, digest: str) -> None:
        blobs = self.make(tmp_path)
        assert not blobs.exists(digest)
        with pytest.raises(NotFound):
            blobs.get(digest)

    def test_the_list_is_sorted_and_whole(self, tmp_path: Path) -> None:
        blobs = self.make(tmp_path)
        assert list(blobs.list()) == []
        digests = [blobs.put(str(number).encode()) for number in range(40)]
        assert list(blobs.list()) == sorted(digests)

    def test_a_deleted_blob_is_gone_and_the_others_stay(self, tmp_path: Path) -> None:
        blobs = self.make(tmp_path)
        gone, kept = blobs.put(b"gone"), blobs.put(b"kept")
        blobs.delete(gone)
        assert not blobs.exists(gone)
        assert list(blobs.list()) == [kept]
        with pytest.raises(NotFound):
            blobs.get(gone)

    @pytest.mark.parametrize("digest", [digest_bytes(b"never put"), "", "../../etc/passwd"])
    def test_deleting_what_is_not_there_is_no_error(self, tmp_path: Path, digest: str) -> None:
        self.make(tmp_path).delete(digest)

    def test_a_deleted_blob_can_be_put_again(self, tmp_path: Path) -> None:
        blobs = self.make(tmp_path)
        blobs.delete(blobs.put(b"back"))
        assert blobs.get(blobs.put(b"back")) == b"back"

    @pytest.mark.parametrize("data", SAMPLES, ids=len)
    def test_what_is_written_in_pieces_is_the_same_blob(self, tmp_path: Path, data: bytes) -> None:
        blobs = self.make(tmp_path)
        with blobs.draft() as draft:
            for start in range(0, len(data), 40_000):
                assert draft.write(data[start : start + 40_000]) == len(data[start : start + 40_000])
        assert draft.digest == digest_bytes(data)
        assert list(blobs.list()) == [draft.digest]
        assert blobs.get(draft.digest) == data
        with blobs.open(draft.digest) as file:
            file.seek(1)
            assert file.read() == data[1:]

    def test_a_draft_that_was_not_finished_leaves_nothing(self, tmp_path: Path) -> None:
        blobs = self.make(tmp_path)
        with suppress(ZeroDivisionError), blobs.draft() as draft:
            draft.write(b"half")
            raise ZeroDivisionError
        assert list(blobs.list()) == []

    def test_drafts_may_be_written_side_by_side_and_twice(self, tmp_path: Path) -> None:
        blobs = self.make(tmp_path)
        with blobs.draft() as one, blobs.draft() as other:
            one.write(b"same")
            other.write(b"same")
        assert list(blobs.list()) == [digest_bytes(b"same")]

    @pytest.mark.parametrize("digest", [digest_bytes(b"never put"), "", "../../etc/passwd"])
    def test_what_was_never_put_cannot_be_opened(self, tmp_path: Path, digest: str) -> None:
        with pytest.raises(NotFound):
            self.make(tmp_path).open(digest)

    def test_another_handle_sees_the_same_blobs(self, tmp_path: Path) -> None:
        blobs = self.make(tmp_path)
        digest = blobs.put(b"shared")
        other = self.again(blobs, tmp_path)
        assert other.get(digest) == b"shared"
        other.delete(digest)
        assert not blobs.exists(digest)
