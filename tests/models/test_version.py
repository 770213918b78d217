import re
from dataclasses import replace

import numpy as np
import pytest

from pressroom.models import Behaviour, Signature, next_version
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
