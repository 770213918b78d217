"""One thing is changed at a time: the steps that could see it run again, and no others."""

from pathlib import Path

import pytest

HELPERS = '''
"""Helpers."""
import json
import numpy as np

FACTOR = 2


def double(number: int) -> int:
    """Twice."""
    return number * FACTOR


def unused(number: int) -> int:
    return number
'''
JOBS = """
import os
from pathlib import Path

import helpers
from helpers import double as twice
from pressroom.flows import flow, step

OFFSET = int(os.environ.get("OFFSET", "1"))


def local(number: int) -> int:
    return number + OFFSET


def makes(constant: int):
    @step
    def closing(number: int) -> int:
        return number + constant
    return closing


closing = makes(5)


@step
def read(path: Path) -> int:
    return len(path.read_bytes())


@step
def add(number: int, more: int = 1) -> int:
    return local(number) + more


@step
def multiply(number: int) -> int:
    return helpers.double(number)


@step
def again(number: int) -> int:
    return twice(number)


@flow
def all_of_it(path: Path = Path("data.txt"), number: int = 3):
    closing(number)
    return [read(path), add(number), multiply(number), again(number)]
"""
EVERY = {"closing", "read", "add", "multiply", "again"}


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


CHANGES = [
    ("nothing at all", lambda folder: None, set()),
    ("a helper's body", lambda folder: replaced(folder / "helpers.py", "number * FACTOR", "number * FACTOR + 0"),
     {"multiply", "again"}),
    ("a helper's constant", lambda folder: replaced(folder / "helpers.py", "FACTOR = 2", "FACTOR = 3"),
     {"multiply", "again"}),
    ("a helper that nobody uses", lambda folder: replaced(folder / "helpers.py", "return number\n", "return -number\n"),
     set()),
    ("a default", lambda folder: replaced(folder / "jobs.py", "more: int = 1", "more: int = 2"), {"add"}),
    ("a closure's constant", lambda folder: replaced(folder / "jobs.py", "makes(5)", "makes(6)"), {"closing"}),
    ("a neighbour's body", lambda folder: replaced(folder / "jobs.py", "number + OFFSET", "OFFSET + number"), {"add"}),
    ("a data byte", lambda folder: replaced(folder / "data.txt", "a", "b"), {"read"}),
    ("a comment", lambda folder: replaced(folder / "helpers.py", "return number * FACTOR",
                                          "return number * FACTOR  # twice"), set()),
    ("a docstring", lambda folder: replaced(folder / "helpers.py", '"""Twice."""', '"""Two times."""'), set()),
    ("an import that nobody needs", lambda folder: replaced(folder / "helpers.py", "import json", "import csv"), set()),
    ("how a step is run", lambda folder: replaced(folder / "jobs.py", "@step\ndef add", "@step(retries=3)\ndef add"),
     set()),
]  # fmt: skip


@pytest.mark.parametrize(("change", "affected"), [(c[1], c[2]) for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_a_change_makes_those_steps_run_again_that_see_it_and_no_others(project, change, affected):
    project.write("helpers.py", HELPERS)
    project.write("jobs.py", JOBS)
    project.write("data.txt", "a")
    first = project.run("all_of_it")
    assert set(first) == EVERY
    assert set(first.values()) == {"done"}

    change(project.folder)

    assert {step for step, state in project.run("all_of_it").items() if state == "done"} == affected


def test_what_a_global_holds_at_run_time_counts_though_the_text_is_the_same(project, monkeypatch):
    project.write("helpers.py", HELPERS)
    project.write("jobs.py", JOBS)
    project.write("data.txt", "a")
    project.run("all_of_it")

    monkeypatch.setenv("OFFSET", "2")

    assert {step for step, state in project.run("all_of_it").items() if state == "done"} == {"add"}


def test_another_version_of_a_library_makes_those_steps_run_again_that_import_it(project):
    library = project.folder / "site-packages"
    info = library / "tidy-1.0.dist-info"
    info.mkdir(parents=True)
    (library / "tidy.py").write_text("def up(x):\n    return x + 1\n", encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tidy\nVersion: 1.0\n", encoding="utf-8")
    project.write(
        "jobs.py",
        f"""
        import sys
        sys.path.append({str(library)!r})
        import tidy
        from pressroom.flows import flow, step

        @step
        def with_library(number: int) -> int:
            return tidy.up(number)

        @step
        def without(number: int) -> int:
            return number

        @flow
        def both():
            return [with_library(1), without(1)]
        """,
    )
    assert project.run("both") == {"with_library": "done", "without": "done"}
    assert project.run("both") == {"with_library": "kept", "without": "kept"}

    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tidy\nVersion: 1.1\n", encoding="utf-8")

    assert project.run("both") == {"with_library": "done", "without": "kept"}


def test_what_has_no_digest_is_never_answered_from_what_is_kept_and_says_so(project):
    project.write(
        "jobs.py",
        """
        from pressroom.flows import flow, step

        class Odd:
            pass

        ODD = Odd()

        @step
        def strange() -> int:
            return id(ODD) * 0

        @flow
        def odd():
            return strange()
        """,
    )
    assert project.run("odd") == {"strange": "done"}
    assert project.run("odd") == {"strange": "done"}
    assert "jobs.ODD holds a jobs.Odd, which has no digest" in project.cli("run-check", "jobs.py:odd")


def test_the_plan_says_which_part_of_the_key_is_new(project):
    project.write("helpers.py", HELPERS)
    project.write("jobs.py", JOBS)
    project.write("data.txt", "a")
    project.run("all_of_it")
    replaced(project.folder / "helpers.py", "number * FACTOR", "FACTOR * number")

    told = project.cli("run-plan", "jobs.py:all_of_it", "number=4")

    assert "the code of helpers.double changed" in told
    assert "the argument number changed" in told
