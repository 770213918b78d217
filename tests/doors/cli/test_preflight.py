"""`pressroom preflight`: what stands against a long run, as people and programs read it."""

import json
import uuid

import pytest
from typer.testing import CliRunner

from pressroom.doors.cli.main import app

JOB = """
import numpy as np
import pyarrow as pa

import pressroom as pr


def rows():
    table = pa.table({"x": np.arange(300.0) % 7, "y": np.arange(300) % 2})
    return table, pr.ExpectedData(features=FEATURES, target="y")


def never(*_):
    raise AssertionError("the data are refused before anything runs")


FEATURES = ("x", "z")
job = pr.TrainingJob(make=never, batches=never, step=never, export=never)
ranker = pr.LongRun(job=job, sample=never, target="y", data=rows)
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "pressroom.toml").touch()
    return tmp_path


@pytest.fixture
def file(folder):
    # A process loads one file of a name.
    path = folder / f"ranker_{uuid.uuid4().hex}.py"
    path.write_text(JOB)
    return path


def ask(folder, *words):
    return CliRunner().invoke(app, ["preflight", *words, "--dir", str(folder)])


def test_what_stands_against_a_run_is_shown_and_ends_with_1(folder, file):
    done = ask(folder, f"{file}:ranker")
    assert done.exit_code == 1
    assert "data/missing_column" in done.stdout
    assert "ranker should not start: 2 rungs" in done.stdout


def test_programs_get_the_findings(folder, file):
    done = ask(folder, f"{file}:ranker", "--json")
    assert done.exit_code == 1
    said = json.loads(done.stdout)
    assert said["may_start"] is False
    assert [(each["check"], each["where"]) for each in said["findings"]] == [("missing_column", "z")]


def test_a_name_that_is_no_long_run_is_refused_with_what_to_write(folder, file):
    done = ask(folder, f"{file}:job")
    assert done.exit_code == 1
    assert "pr.LongRun" in done.output


def test_a_file_without_a_name_is_refused(folder):
    assert "Write FILE.py:NAME" in ask(folder, "ranker.py").output
