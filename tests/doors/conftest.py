"""A shop's project, made once and copied for each test, and a command line to run on it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pressroom.doors.cli.main import app

END = "2025-04-30T00:00Z"
Run = Callable[..., "Said"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command said, where, and how it ended."""

    code: int
    out: str
    err: str

    def document(self) -> Any:
        """Its one JSON document."""
        return json.loads(self.out)


def run_command(*arguments: object, stdin: str | None = None) -> Said:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)
    return Said(code=result.exit_code, out=result.stdout, err=result.stderr)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.delenv("PRESSROOM_DIR", raising=False)
    return run_command


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The shop at three moments: with facts, with trained models, and with an endpoint."""
    pytest.importorskip("sklearn")
    folder = tmp_path_factory.mktemp("made")
    filled, trained, pushed = folder / "filled", folder / "trained", folder / "pushed"
    samples = filled / "samples"
    _done("init", filled, "--name", "shop")
    _done("apply", "--dir", filled)
    _done("append", "ordered", samples / "ordered.csv", "--known", "event", "--dir", filled)
    _done("append", "delivered", samples / "delivered.csv", "--known", "event + 5min", "--dir", filled)
    shutil.copytree(filled, trained)
    _done("train", "late_delivery", "--dir", trained)
    shutil.copytree(trained, pushed)
    _done("push", "delivery_risk", "--model", "logistic", "--dir", pushed)
    return {"filled": filled, "trained": trained, "pushed": pushed}


def _done(*arguments: object) -> None:
    said = run_command(*arguments)
    assert said.code == 0, said.err


@pytest.fixture
def filled(made: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made["filled"], tmp_path / "shop"))


@pytest.fixture
def trained(made: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made["trained"], tmp_path / "shop"))


@pytest.fixture
def pushed(made: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(made["pushed"], tmp_path / "shop"))
