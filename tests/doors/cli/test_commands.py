from pathlib import Path
from typing import Any

import pytest

from pressroom.doors.cli import plan as plan_module
from pressroom.doors.cli.commands import read_command
from pressroom.doors.cli.main import SUMMARIES


def _fails_with(error: BaseException) -> Any:
    def fail(_: object) -> None:
        raise error

    return fail


def test_every_name_in_the_table_leads_to_a_command() -> None:
    assert [read_command(summary.name).name for summary in SUMMARIES] == [summary.name for summary in SUMMARIES]


def test_a_refusal_is_two_lines_on_stderr_and_exits_with_1(run: Any, tmp_path: Path) -> None:
    said = run("plan", "--dir", tmp_path)
    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines() == [
        f"{tmp_path} is no workspace: it has no pressroom.toml.",
        "Run `pressroom init DIR`, or name one with --dir.",
    ]


def test_debug_shows_the_traceback_before_the_two_lines(run: Any, tmp_path: Path) -> None:
    said = run("--debug", "plan", "--dir", tmp_path)
    assert said.code == 1
    assert said.err.startswith("Traceback (most recent call last):")
    assert said.err.splitlines()[-1] == "Run `pressroom init DIR`, or name one with --dir."


def test_an_unexpected_error_is_called_a_defect(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "open_workspace", _fails_with(RuntimeError("the press\njammed")))
    said = run("plan")
    assert said.code == 1
    assert said.err.splitlines() == [
        "This is a defect in Pressroom: RuntimeError: the press jammed",
        "Run it again as `pressroom --debug ...`, and report what that shows.",
    ]


def test_a_file_that_cannot_be_used_is_no_defect(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        plan_module, "open_workspace", _fails_with(PermissionError(13, "Permission denied", "/shop/data"))
    )
    said = run("plan")
    assert said.code == 1
    assert said.err.splitlines() == ["/shop/data: Permission denied.", "Check the path and its rights."]


def test_an_interrupt_exits_with_130_and_no_traceback(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module, "open_workspace", _fails_with(KeyboardInterrupt()))
    said = run("plan")
    assert (said.code, said.err) == (130, "")


def test_the_folder_can_come_from_the_environment(run: Any, monkeypatch: pytest.MonkeyPatch, filled: Path) -> None:
    monkeypatch.setenv("PRESSROOM_DIR", str(filled))
    assert run("plan").code == 0
