"""What every Scratch must do."""

import pickle
from contextlib import suppress
from pathlib import Path

import pytest

from pressroom.ports import Held, Scratch
from pressroom.values import NotFound


class ScratchContract:
    """Subclass it, override `make`, and say with `travels` whether a pickled copy sees the same files."""

    travels = True

    def make(self, tmp_path: Path) -> Scratch:
        """An empty scratch."""
        raise NotImplementedError

    def test_what_is_written_is_read(self, tmp_path: Path) -> None:
        scratch = self.make(tmp_path)
        with scratch.write("a/b/1") as file:
            assert file.write(b"one ") == 4
            file.write(b"two")
        with scratch.read("a/b/1") as file:
            file.seek(4)
            assert file.read() == b"two"

    def test_a_file_is_there_when_it_is_whole(self, tmp_path: Path) -> None:
        scratch = self.make(tmp_path)
        with scratch.write("a") as file:
            file.write(b"half")
            assert scratch.names() == []
        assert scratch.names() == ["a"]

    def test_a_file_that_was_not_finished_is_not_there(self, tmp_path: Path) -> None:
        scratch = self.make(tmp_path)
        with suppress(ZeroDivisionError), scratch.write("a") as file:
            file.write(b"half")
            raise ZeroDivisionError
        assert scratch.names() == []
        with pytest.raises(NotFound):
            scratch.read("a")

    def test_a_file_takes_the_place_of_an_older_one(self, tmp_path: Path) -> None:
        scratch = self.make(tmp_path)
        for content in (b"old and long", b"new"):
            with scratch.write("a") as file:
                file.write(content)
        with scratch.read("a") as file:
            assert file.read() == b"new"

    def test_names_are_sorted_and_start_as_asked(self, tmp_path: Path) -> None:
        scratch = self.make(tmp_path)
        for name in ("b/2", "a/10", "a/9", "ab"):
            with scratch.write(name):
                pass
        assert scratch.names() == ["a/10", "a/9", "ab", "b/2"]
        assert scratch.names("a/") == ["a/10", "a/9"]
        assert scratch.names("none") == []

    def test_what_is_removed_is_gone_and_the_rest_stays(self, tmp_path: Path) -> None:
        scratch = self.make(tmp_path)
        for name in ("a/1", "a/2", "b/1"):
            with scratch.write(name):
                pass
        scratch.remove("a/")
        assert scratch.names() == ["b/1"]
        scratch.remove("a/")
        scratch.remove("")
        assert scratch.names() == []

    def test_what_is_held_is_held_once(self, tmp_path: Path) -> None:
        scratch = self.make(tmp_path)
        with scratch.hold("a"), scratch.hold("b"):
            with pytest.raises(Held), scratch.hold("a"):
                pass
            with scratch.write("a/1"):
                pass
        with scratch.hold("a"):
            pass

    def test_a_copy_sees_the_same(self, tmp_path: Path) -> None:
        if not self.travels:
            pytest.skip("it stays in its process")
        scratch = self.make(tmp_path)
        copy = pickle.loads(pickle.dumps(scratch))
        with copy.write("a") as file:
            file.write(b"seen")
        with scratch.read("a") as file:
            assert file.read() == b"seen"
        with scratch.hold("a"), pytest.raises(Held), copy.hold("a"):
            pass
