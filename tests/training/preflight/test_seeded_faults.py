"""Seeded faults, one at a time, through a whole preflight in real processes: each is refused, or told of."""

import dataclasses
import itertools
import shutil
from pathlib import Path

import pytest
from tests.training.preflight.tables import EXPECTED, NOW, honest, spoiled, table_of
from tests.training.preflight.test_all_rows import FAULTS as DATA_FAULTS
from tests.training.preflight.test_all_rows import WARNINGS

from pressroom.backends.process.executor import ProcessExecutor
from pressroom.flows import PREPARE, load_module
from pressroom.training.preflight.climb import Surroundings, preflight
from pressroom.training.preflight.place import ExpectedPlace
from pressroom.workspace.rehearse import ENTRY

pytest.importorskip("sklearn")
pytest.importorskip("skops")
_NUMBERS = itertools.count()
SEEDED = Path(__file__).with_name("seeded.py")

PLACE_FAULTS = {
    "unwritable": {"checkpoints": Path("/proc/nowhere")},
    "memory": {"memory_bytes": 1 << 60},
    "cpus": {"cpus": 100_000},
    "device": {"device": "cuda"},
    "package": {"needs": {"no-such-distribution": ""}},
    "version": {"needs": {"numpy": "^1"}},
    "secret": {"secrets": ("NOBODY_SETS_THIS",)},
}
JOB_FAULTS = {
    "state_fails": "make_fails",
    "state_unkept": "make_fails",
    "unequal_parts": "batches_fails",
    "own_iterator": "batches_restart",
    "state_outside": "state_is_lost",
    "loss_not_finite": "loss_not_finite",
    "loss_explodes": "step_fails",
    "metric_not_finite": "metric_not_finite",
    "wrong_column": "step_fails",
    "lazy_import": "step_fails",
    "exits": "step_fails",
    "crashes": "step_fails",
    "hangs": "hangs",
    "out_of_memory": "out_of_memory",
    "batch_too_large": "out_of_memory",
    "evaluation_fails": "evaluate_fails",
    "exports_nothing": "export_fails",
    "foreign_model": "export_fails",
    "sample_lacks_a_column": "export_fails",
    "nothing_moves": "nothing_moves",
    "goes_up": "goes_up",
    "too_long": "too_long",
    "too_dear": "too_dear",
}
WARNED_JOB_FAULTS = {"shuffled_labels": "labels_tell_nothing"}
WARNED_DATA_FAULTS = {"weak_leak": "tells_much"}
"""What good jobs and good features look like too, if rarely: it is said, and stops nothing."""


@pytest.fixture(scope="module")
def executor(tmp_path_factory):
    folder = tmp_path_factory.mktemp("warm")
    warm = folder / "warm_for_preflight.py"
    warm.write_text("import pyarrow, sklearn.linear_model, sklearn.metrics, skops.io\n")
    made = ProcessExecutor(prepare=PREPARE, about=str(warm))
    yield made
    made.close()


def look(executor, folder, fault, **options):
    file = folder / f"seeded_{fault}_{next(_NUMBERS)}.py"
    file.write_text(SEEDED.read_text().replace('FAULT = "none"', f'FAULT = "{fault}"'))
    long = dataclasses.replace(load_module(file).seeded, **options)
    around = Surroundings(
        now=NOW, newest=NOW - 1, cost_per_s=1.0, currency="EUR", part_s=3.0 if fault == "hangs" else 45
    )
    try:
        return preflight(
            long, name="seeded", file=file, entry=ENTRY, executor=executor, folder=folder / "looked", around=around
        )
    finally:
        shutil.rmtree(folder / "looked", ignore_errors=True)


def refused(found):
    return [finding.check for finding in found.refused]


def test_a_job_without_a_fault_is_let_through_with_its_forecast(executor, tmp_path):
    found = look(executor, tmp_path, "none", data=lambda: (table_of(honest()), EXPECTED))
    assert [str(finding) for finding in found.findings] == []
    assert [each.rung for each in found.climbed] == ["place", "data", "memory", "batch", "learning", "forecast"]
    assert found.forecast is not None
    assert found.forecast.least_s <= found.forecast.seconds <= found.forecast.most_s
    assert found.baseline is not None
    assert (found.baseline.metric, 0.5 < found.baseline.value < 0.8) == ("log_loss", True)


@pytest.mark.parametrize("fault", JOB_FAULTS)
def test_a_fault_in_the_job_is_found_before_it_runs(executor, tmp_path, fault):
    found = look(executor, tmp_path, fault)
    assert refused(found) == [JOB_FAULTS[fault]], [str(each) for each in found.findings]


@pytest.mark.parametrize("fault", PLACE_FAULTS)
def test_a_fault_of_the_place_is_found_before_anything_runs(executor, tmp_path, fault):
    found = look(executor, tmp_path, "none", place=ExpectedPlace(**PLACE_FAULTS[fault]))
    assert refused(found) == [fault]
    assert [each.rung for each in found.climbed] == ["place"]


@pytest.mark.parametrize("fault", DATA_FAULTS)
def test_a_fault_in_the_data_is_found_before_anything_runs(executor, tmp_path, fault):
    found = look(executor, tmp_path, "none", data=lambda: (spoiled(DATA_FAULTS[fault]), EXPECTED))
    assert fault in refused(found)
    assert [each.rung for each in found.climbed] == ["place", "data"]


def test_a_failure_names_the_line_of_the_job(executor, tmp_path):
    (finding,) = look(executor, tmp_path, "wrong_column").refused
    line = next(
        number for number, text in enumerate(SEEDED.read_text().splitlines(), 1) if "amuont" in text and "x}" in text
    )
    assert finding.where.startswith("seeded_wrong_column_")
    assert finding.where.endswith(f".py:{line}")
    assert "KeyError: 'amuont'" in finding.message


@pytest.mark.parametrize("fault", WARNED_JOB_FAULTS)
def test_what_a_sound_job_may_look_like_too_is_told_before_it_runs(executor, tmp_path, fault):
    found = look(executor, tmp_path, fault)
    assert refused(found) == []
    assert WARNED_JOB_FAULTS[fault] in [each.check for each in found.findings]


def test_a_column_that_tells_much_is_asked_about(executor, tmp_path):
    found = look(executor, tmp_path, "none", data=lambda: (spoiled(WARNINGS["tells_much"]), EXPECTED))
    assert [each.check for each in found.findings] == [WARNED_DATA_FAULTS["weak_leak"]]
    assert [each.rung for each in found.climbed][-1] == "forecast"


def test_there_are_more_than_forty_seeded_faults():
    refused_ones = len(JOB_FAULTS) + len(PLACE_FAULTS) + len(DATA_FAULTS)
    assert refused_ones >= 40
    assert refused_ones + len(WARNED_JOB_FAULTS) + len(WARNED_DATA_FAULTS) == 46
