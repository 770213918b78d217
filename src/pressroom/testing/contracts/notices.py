"""What every way to tell notices must do."""

from dataclasses import replace
from pathlib import Path

import pytest

from pressroom.ports import BackendError, Notice, Notices

NOTICE = Notice(id="nightly/1/failed", at=1, owner="ads", subject="nightly failed", text="nightly failed: é ☃")


class NoticesContract:
    """Subclass it; override `make`, `told` (what was taken, in order) and `breaks` (nothing is taken now)."""

    def make(self, tmp_path: Path) -> Notices:
        """A way to tell, and nothing was told yet."""
        raise NotImplementedError

    def told(self, notices: Notices, tmp_path: Path) -> list[Notice]:
        """What whoever is told has got, each once."""
        raise NotImplementedError

    def breaks(self, notices: Notices, tmp_path: Path) -> bool:
        """See to it that nothing can be told; False where nothing can go wrong."""
        raise NotImplementedError

    def test_what_is_sent_is_told_as_it_is(self, tmp_path: Path) -> None:
        notices = self.make(tmp_path)
        other = replace(NOTICE, id="nightly/2/failed", owner="")
        notices.send(NOTICE)
        notices.send(other)
        assert self.told(notices, tmp_path) == [NOTICE, other]

    def test_one_that_is_sent_twice_is_known_as_one(self, tmp_path: Path) -> None:
        notices = self.make(tmp_path)
        notices.send(NOTICE)
        notices.send(NOTICE)
        assert self.told(notices, tmp_path) == [NOTICE]

    def test_what_could_not_be_told_is_said(self, tmp_path: Path) -> None:
        notices = self.make(tmp_path)
        if self.breaks(notices, tmp_path):
            with pytest.raises(BackendError):
                notices.send(NOTICE)
