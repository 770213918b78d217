import io
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from pressroom.doors.cli import progress as progress_module
from pressroom.doors.cli.progress import bars
from pressroom.doors.cli.run_progress import RunProgress
from pressroom.features import Progress
from pressroom.flows import Progress as Said


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


def test_a_step_that_runs_is_shown_with_how_far_it_says_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    progress = RunProgress(Console(file=io.StringIO()))
    monkeypatch.setattr(progress, "_status", SimpleNamespace(update=shown.append))
    step = SimpleNamespace(name="fit")
    call: Any = SimpleNamespace(state="running", number=0, step=step, progress=None)
    progress.show("train-1", call)
    call.progress = Said(done=3, total=10, found={"loss": 0.25})
    progress.show("train-1", call)
    assert shown == ["train-1: 0 ended; running: fit", "train-1: 0 ended; running: fit 3/10 loss=0.25"]
