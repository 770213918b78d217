"""Checks of a flow before it runs: every kind of fault is found at its line, and a sound flow has none."""

import itertools
import json

import pytest

from pressroom.flows import load_module
from pressroom.workspace import open_workspace

SOUND = """
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

import pressroom as pr


@dataclass
class Fit:
    rate: float
    scores: dict[str, list[float]]


@pr.step(memory_limit="100MB", time_limit="1min")
def build(days: int, file: Path | None = None) -> pa.Table:
    return pa.table({"x": np.arange(days)})


@pr.step
def fit(rows: pa.Table, rate: float) -> Fit:
    return Fit(rate=rate, scores={})


@pr.step
def best(fits: list[Fit], tables: list[pa.Table], half: float | None) -> Fit:
    return fits[0]


@pr.step
def score(found: Fit, period: pr.Period | None = None) -> tuple[float, str]:
    return 1.0, "a"


@pr.flow(owner="ads")
def nightly(days: int = 4, key_column: str = "tail"):
    tables = [build(days), build(days + 1)]
    fits = [fit(each, rate) for each in tables for rate in (0.5, 1)]
    return score(best(fits, tables, None))
"""
FAULTS = [
    ("build(days), build(days + 1)]\n", "fit(build(days), 0.5), build(2)]\n",
     "takes rows as Table, and fit, which makes it, returns Fit", "error"),
    ("return score(best(fits, tables, None))", "return score(best(tables, tables, None))",
     "takes fits as Fit, and build, which makes it, returns Table", "error"),
    ("return score(best(fits, tables, None))", "return score(best(fits, tables, 'half'))",
     "is given half='half': Expected `float | null`, got `str`", "error"),
    ("-> tuple[float, str]:", "-> object:", "returns a object, which can't be kept", "error"),
    ("-> tuple[float, str]:", "-> list[pa.Table]:", "returns a Table in a list[pyarrow.lib.Table], which can't be kept",
     "error"),
    ("-> tuple[float, str]:", ":", "does not say what it returns", "warning"),
    ('"100MB"', '"900TB"', "may take 900 TB, and this machine has", "error"),
    ('key_column: str = "tail"', 'api_key: str = "abc"', "api_key: holds what looks like a secret", "error"),
    ('key_column: str = "tail"', 'source: str = "db://me:pass@host/db"', "holds what looks like a secret", "error"),
    ('    return 1.0, "a"', '    return float(open("rates.txt").read()), "a"', "opens 'rates.txt': when that file",
     "warning"),
    ('    return 1.0, "a"', '    import no_such_library\n\n    return no_such_library.x, "a"',
     "needs the module no_such_library, which is not installed", "error"),
    ("@pr.flow(owner=", "@pr.step\ndef never() -> int:\n    return 1\n\n\n@pr.flow(owner=",
     "never: is called by no flow of this file", "warning"),
    ("@pr.flow(owner=", "@pr.flow(reads=['landing'], owner=", "reads facts landing, which there are not here", "error"),
    ("    tables = [", "    @pr.step\n    def inner() -> int:\n        return 1\n\n    inner()\n    tables = [",
     "inner: is defined within nightly, so it runs in the flow's own process, and can have no limits", "warning"),
    ("    tables = [", '    @pr.step(time_limit="1s")\n    def inner() -> int:\n        return 1\n\n    tables = [',
     "and nobody keeps its time_limit", "error"),
    ("    fits = [", "    if tables[0]:\n        pass\n    fits = [", "is not there yet when the flow is read",
     "error"),
]  # fmt: skip


def checked(project, source: str, *, fails: bool) -> list[dict]:
    project.write("jobs.py", source)
    words = ("run-check", "jobs.py:nightly", "--json")
    printed = project.python(
        f"""
        import subprocess, sys
        done = subprocess.run([sys.executable, "-m", "pressroom", *{words!r}], capture_output=True, text=True)
        assert done.returncode == {int(fails)}, (done.returncode, done.stdout, done.stderr)
        print(done.stdout)
        """
    )
    return json.loads(printed)["findings"]


def test_a_sound_flow_has_no_findings(project):
    assert checked(project, SOUND, fails=False) == []
    assert "nightly can be run." in project.cli("run-check", "jobs.py:nightly")


@pytest.fixture(scope="module")
def check(tmp_path_factory):
    """Checks a source in this process, under a module name of its own."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "pressroom.toml").touch()
    numbers = itertools.count()
    with open_workspace(folder) as workspace:

        def run(source: str):
            file = folder / f"checked_jobs_{next(numbers)}.py"
            file.write_text(source, encoding="utf-8")
            flow = load_module(file).nightly
            return workspace.flows.check(flow, {}, memory_bytes=8_000_000_000, facts=())

        yield run


@pytest.mark.parametrize(("old", "new", "said", "weight"), FAULTS)
def test_a_fault_is_found_at_a_line_with_what_to_do(check, old, new, said, weight):
    assert SOUND.count(old) == 1
    found = check(SOUND.replace(old, new))
    hits = [each for each in found if said in f"{each.of}: {each.words}"]
    assert len(hits) == 1, [each.told() for each in found]
    assert hits[0].weight == weight
    assert hits[0].line > 1
    assert hits[0].next_step
    near = "".join(SOUND.replace(old, new).splitlines()[hits[0].line - 1 : hits[0].line + 2])
    assert hits[0].of in near or "rates.txt" in near


def test_an_object_of_ones_own_class_means_running_every_time(check):
    source = SOUND.replace("@dataclass\nclass Fit", "class Odd:\n    pass\n\n\nODD = Odd()\n\n\n@dataclass\nclass Fit")
    (found,) = check(source.replace("    return fits[0]", "    return fits[0] if ODD else fits[0]"))
    assert found.weight == "warning"
    assert found.of == "best"
    assert "will run every time" in found.words
    assert "ODD" in found.words


def test_a_fault_makes_the_command_fail_and_is_told_as_a_line_of_the_file(project):
    broken = SOUND.replace("-> tuple[float, str]:", "-> object:")
    (found,) = checked(project, broken, fails=True)
    line = next(number for number, text in enumerate(broken.splitlines(), 1) if "def score" in text)
    assert found["line"] in (line - 1, line)
    assert "Hand on plain data" in found["next_step"]
