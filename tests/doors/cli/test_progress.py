from typing import Any

import pytest

from pressroom.doors.cli import progress as progress_module
from pressroom.doors.cli.progress import bars
from pressroom.features import Progress


def tell_some() -> None:
    with bars() as told:
        told(Progress(stage="ride", done=1, total=4))
        told(Progress(stage="ride", done=4, total=4))
        told(Progress(stage="buckets", done=0, total=2))


def test_nobody_watching_sees_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    tell_some()
    assert capsys.readouterr() == ("", "")


def test_whoever_watches_sees_a_bar_for_each_stage(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Any = progress_module.Console
    monkeypatch.setattr(progress_module, "Console", lambda **told: real(**told, force_terminal=True, width=100))
    tell_some()
    shown = capsys.readouterr().err
    assert "dealing ride" in shown
    assert "answering buckets" in shown
    assert "4/4" in shown
