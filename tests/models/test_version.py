import re
from dataclasses import replace

import numpy as np
import pytest

from pressroom.models import Behaviour, Signature, next_version, version_report
from pressroom.values import FieldSchema, InvalidInput, Version

DELAY = FieldSchema(name="delay", type="float", unit="min")
WIND = FieldSchema(name="wind", type="float", optional=True)
BASE = Signature(inputs=(DELAY, WIND), output=FieldSchema(name="late", type="float", unit="probability"))
NOW = Version(1, 4, 2)
MAJOR, MINOR, PATCH = Version(2, 0, 0), Version(1, 5, 0), Version(1, 4, 3)


def behave(signature=BASE, shift=0.0):
    return Behaviour(signature=signature, predictions=np.array([0.2, 0.5]) + shift)


def inputs(*fields):
    return replace(BASE, inputs=fields)


@pytest.mark.parametrize(
    ("after", "version", "reason"),
    [
        (inputs(WIND), MAJOR, "input delay is gone"),
        (inputs(DELAY, WIND, FieldSchema(name="rain", type="float")), MAJOR, "rain is new and required"),
        (inputs(DELAY, WIND, FieldSchema(name="rain", type="float", optional=True)), MINOR, "optional input rain"),
        (inputs(replace(DELAY, unit="s"), WIND), MAJOR, r"was delay \(float, min\) and is delay \(float, s\)"),
        (inputs(replace(DELAY, type="int"), WIND), MAJOR, "input delay was"),
        (inputs(replace(DELAY, optional=True), WIND), MINOR, "delay became optional"),
        (inputs(DELAY, replace(WIND, optional=False)), MAJOR, "wind may no longer be null"),
        (inputs(WIND, DELAY), PATCH, "moved by at most"),
        (inputs(replace(DELAY, doc="other words"), WIND), PATCH, "moved by at most"),
        (replace(BASE, output=replace(BASE.output, unit="log-odds")), MAJOR, "output was late"),
        (replace(BASE, output=replace(BASE.output, name="cancelled")), MAJOR, "output was late"),
    ],
)
def test_the_signature_decides_first(after, version, reason):
    found, sentence = next_version(NOW, behave(), behave(after))
    assert found == version
    assert re.search(reason, sentence)


@pytest.mark.parametrize(("shift", "version"), [(0.0, PATCH), (9e-4, PATCH), (2e-3, MINOR), (-0.1, MINOR)])
def test_golden_predictions_decide_next(shift, version):
    assert next_version(NOW, behave(), behave(shift=shift))[0] == version


def test_a_breaking_change_needs_no_predictions_of_the_older_model():
    before = Behaviour(signature=BASE, predictions=None)
    assert next_version(NOW, before, behave(inputs(WIND)))[0] == MAJOR


def test_the_first_version_is_one():
    assert next_version(None, None, behave())[0] == Version(1, 0, 0)


def test_an_unknown_past_is_a_major_change():
    assert next_version(NOW, None, behave())[0] == MAJOR


@pytest.mark.parametrize("answers", [None, np.zeros(3), np.zeros(0)])
def test_answers_on_other_rows_are_refused(answers):
    with pytest.raises(InvalidInput, match="golden"):
        next_version(NOW, Behaviour(signature=BASE, predictions=answers), behave())


def test_a_report_names_the_rule_and_the_rows_that_moved_most():
    base = BASE
    before = Behaviour(signature=base, predictions=np.array([0.1, 0.45, 0.9]))
    after = Behaviour(signature=base, predictions=np.array([0.1, 0.55, 0.95]))
    report = version_report(Version(1, 0, 0), before, after)
    assert (str(report.version), report.rule) == ("1.1.0", "behaviour")
    assert [one.row for one in report.moved] == [1, 2]
    assert report.most == pytest.approx(0.1)
    assert "row 1: 0.45 -> 0.55" in report.words()


def test_another_meaning_or_space_is_a_major_change_whatever_was_predicted():
    base, answers = BASE, np.zeros(3)
    before = Behaviour(signature=base, predictions=answers, meanings={"the label": "delay > 15"}, space="e1")
    moved = version_report(
        Version(1, 2, 0),
        before,
        Behaviour(signature=base, predictions=answers, meanings={"the label": "delay > 30"}, space="e1"),
    )
    assert (str(moved.version), moved.rule) == ("2.0.0", "meaning")
    assert "delay > 15" in moved.reason
    other = version_report(
        Version(1, 2, 0), before, Behaviour(signature=base, predictions=answers, meanings=before.meanings, space="e2")
    )
    assert (str(other.version), other.rule) == ("2.0.0", "space")
    same = version_report(Version(1, 2, 0), before, before)
    assert (str(same.version), same.rule) == ("1.2.1", "behaviour")


def test_another_length_or_class_of_the_output_is_a_major_change():
    wide = BASE
    two, three = (
        Behaviour(
            signature=replace(wide, output=FieldSchema(name="y", type="vector", length=length)),
            predictions=np.zeros((2, length)),
        )
        for length in (2, 3)
    )
    assert str(version_report(Version(1, 0, 0), two, three).version) == "2.0.0"
