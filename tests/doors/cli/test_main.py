import subprocess
import sys
from typing import Any

import pytest

from pressroom import __version__
from pressroom.doors.cli.main import SUMMARIES

NAMES = [summary.name for summary in SUMMARIES]
WATCHED = "numpy pyarrow scipy sklearn lightgbm deltalake msgspec pressroom.values pressroom.workspace"


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_with_an_example_and_json(run: Any, name: str) -> None:
    said = run(name, "--help")
    assert said.code == 0
    assert "Example:" in said.out
    assert f"pressroom {name}" in said.out
    assert "--json" in said.out


def test_help_lists_every_command(run: Any) -> None:
    said = run("--help")
    assert said.code == 0
    assert [name for name in NAMES if f" {name} " not in said.out] == []


def test_no_command_at_all_shows_the_help(run: Any) -> None:
    assert run().out == run("--help").out


def test_version_is_the_packages(run: Any) -> None:
    assert run("--version").out == f"pressroom {__version__}\n"


def test_help_imports_no_room_and_no_numbers_library() -> None:
    lines = f"""
import sys
sys.argv = ["pressroom", "--help"]
from pressroom.doors.cli.main import main
try:
    main()
except SystemExit:
    found = [name for name in {WATCHED.split()!r} if name in sys.modules]
    print(found, file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_a_command_is_read_only_when_it_is_used() -> None:
    lines = """
import sys
from typer.testing import CliRunner
from pressroom.doors.cli.main import app
CliRunner().invoke(app, ["settle", "--help"])
print([name for name in ("settle", "train", "push") if f"pressroom.doors.cli.{name}" in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['settle']"


@pytest.mark.parametrize(
    "arguments",
    [
        ["sing"],
        ["--loud"],
        ["plan", "--loud"],
        ["append"],
        ["append", "ordered"],
        ["plan", "surplus"],
        ["set-aside", "--rows", "-1"],
    ],
)
def test_wrong_use_exits_with_2_in_two_lines_on_stderr(run: Any, arguments: list[str]) -> None:
    said = run(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert len(said.err.splitlines()) == 2
    assert said.err.splitlines()[1].endswith("--help`.")


def test_an_unknown_command_suggests_the_nearest(run: Any) -> None:
    assert "'append'" in run("apend").err
