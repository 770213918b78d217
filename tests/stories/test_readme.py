"""What the README says works: its shell lines run in order, its Python runs, and its tree is the tree."""

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
SOURCE = README.parent / "src" / "pressroom"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def test_the_shell_lines_of_the_readme_lead_to_a_first_prediction(tmp_path: Path) -> None:
    (lines,) = _blocks("sh")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-euc", lines], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "4,800 appended" in done.stdout
    assert "logistic" in done.stdout


def test_the_python_of_the_readme_declares_an_endpoint() -> None:
    (code,) = _blocks("python")
    names: dict[str, object] = {"__name__": "readme"}
    exec(compile(code, "README.md", "exec"), names)
    assert getattr(names["delivery_risk"], "training_set", None) == "late_delivery"


def test_the_tree_of_the_readme_names_every_room_and_no_other() -> None:
    told = set(re.findall(r"^  (\w+)/ ", README.read_text(encoding="utf-8"), flags=re.MULTILINE))
    rooms = {path.name for path in SOURCE.iterdir() if path.is_dir() and not path.name.startswith("__")}
    assert told == rooms - {"backends"}


def test_every_command_that_the_readme_shows_exists() -> None:
    shown = set(re.findall(r"(?:^|`)pressroom ([a-z-]+)", README.read_text(encoding="utf-8"), flags=re.MULTILINE))
    done = subprocess.run([sys.executable, "-m", "pressroom", "--help"], capture_output=True, text=True, check=True)
    there = set(re.findall(r"^[ │|]+([a-z-]+) ", done.stdout, flags=re.MULTILINE))
    assert shown <= there
