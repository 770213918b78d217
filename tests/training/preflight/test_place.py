"""Places as they are: what a job asks for and does not find is said before it runs."""

import dataclasses
import os
from pathlib import Path

import pytest
from tests.training.preflight.tables import NOW

from pressroom.training.preflight.check_place import check_place
from pressroom.training.preflight.place import ExpectedPlace, absent_modules, look_around


def seen(expected, *, newest=None, now=NOW, devices=("cpu",)):
    place = look_around(expected, now=now, devices=devices)
    return [finding.check for finding in check_place(expected, place, newest=newest)]


def script(folder: Path, text: str) -> Path:
    path = folder / "job.py"
    path.write_text(text)
    return path


def test_a_place_that_has_everything_is_let_through(tmp_path, monkeypatch):
    monkeypatch.setenv("WAREHOUSE_TOKEN", "x")
    expected = ExpectedPlace(
        checkpoints=tmp_path / "kept",
        disk_bytes=1,
        memory_bytes=1,
        cpus=1,
        needs={"numpy": "^2", "pyarrow": ""},
        code=(script(tmp_path, "import json\nimport numpy as np\n"),),
        secrets=("WAREHOUSE_TOKEN",),
    )
    assert seen(expected, newest=NOW) == []
    assert os.listdir(tmp_path / "kept") == []


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("no_room", {"disk_bytes": 1 << 60}),
        ("memory", {"memory_bytes": 1 << 60}),
        ("cpus", {"cpus": 100_000}),
        ("device", {"device": "cuda:0"}),
        ("package", {"needs": {"no-such-distribution": ""}}),
        ("version", {"needs": {"numpy": "^1"}}),
        ("secret", {"secrets": ("NOBODY_SETS_THIS",)}),
    ],
)
def test_what_is_asked_for_and_not_there_is_refused(tmp_path, fault, expected):
    assert seen(ExpectedPlace(checkpoints=tmp_path, **expected)) == [fault]


def test_a_folder_that_can_not_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    assert seen(ExpectedPlace(checkpoints=tmp_path / "file" / "kept")) == ["unwritable"]


def test_a_module_that_is_imported_and_not_installed_is_refused_with_its_line(tmp_path):
    code = script(tmp_path, "import json\n\nimport no_such_module.inner\n")
    assert seen(ExpectedPlace(code=(code,))) == ["import"]
    assert list(absent_modules([code])) == [("no_such_module", f"{code}:3")]


def test_an_import_that_has_a_second_way_or_lies_beside_is_let_through(tmp_path):
    (tmp_path / "own.py").write_text("")
    code = script(tmp_path, "import own\ntry:\n    import no_such_module\nexcept ImportError:\n    pass\n")
    assert seen(ExpectedPlace(code=(code,))) == []


def test_code_that_is_no_python_is_refused(tmp_path):
    assert seen(ExpectedPlace(code=(script(tmp_path, "def f(:\n"),))) == ["import"]


def test_a_clock_behind_what_is_written_down_is_refused():
    assert seen(ExpectedPlace(), newest=NOW + 1) == ["clock"]


def test_a_device_that_is_there_is_found_by_its_kind():
    assert seen(dataclasses.replace(ExpectedPlace(), device="cuda:1"), devices=("cpu", "cuda")) == []


def test_a_disk_that_will_be_nearly_full_is_told(tmp_path):
    expected = ExpectedPlace(checkpoints=tmp_path, disk_bytes=1)
    place = dataclasses.replace(look_around(expected, now=NOW), free_disk_bytes=1)
    assert [(found.check, found.weight) for found in check_place(expected, place)] == [("little_room", "warned")]
