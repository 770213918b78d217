"""Data as it goes wrong in life: each fault is found, by its own rule, and honest data are let through."""

import dataclasses

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.training.preflight.tables import EXPECTED, NOW, honest, spoiled, table_of

from pressroom.training.preflight.all_rows import check_data
from pressroom.training.preflight.expected import ExpectedData
from pressroom.values import InvalidInput


def set_value(columns, name, row, value):
    columns[name] = np.array(columns[name], dtype=float)
    columns[name][row] = value


def put(columns, name, values):
    columns[name] = values


FAULTS = {
    "missing_column": lambda c: c.pop("amount"),
    "not_finite": lambda c: set_value(c, "amount", -1, np.nan),
    "target_missing": lambda c: put(c, "bought", [None, *map(int, c["bought"][1:])]),
    "always_missing": lambda c: put(c, "amount", pa.nulls(len(c["at"]), pa.float64())),
    "numbers_as_text": lambda c: put(c, "amount", [f"{v:.2f}" for v in c["amount"]]),
    "uneven_lists": lambda c: put(c, "amount", [[1.0, 2.0]] * (len(c["at"]) - 1) + [[1.0]]),
    "too_few_rows": lambda c: [put(c, name, values[:20]) for name, values in list(c.items())],
    "one_class": lambda c: put(c, "bought", np.ones(len(c["at"]), dtype=int)),
    "given_away": lambda c: put(c, "visits", 3 - 2 * c["bought"]),
    "identifier": lambda c: put(c, "visits", np.arange(len(c["at"]))),
    "known_later": lambda c: c["known"].__setitem__(7, c["at"][7] + 1),
    "in_the_future": lambda c: c["at"].__setitem__(-1, NOW + 1),
    "empty_part": lambda c: put(c, "split", ["train"] * len(c["at"])),
    "other_scale": lambda c: c["amount"].__setitem__(slice(1_700, None), c["amount"][1_700:] * 1000),
}
WARNINGS = {
    "mostly_missing": lambda c: put(c, "amount", [None] * 1_500 + list(c["amount"][1_500:])),
    "constant": lambda c: put(c, "country", ["de"] * len(c["at"])),
    "placeholder": lambda c: c["amount"].__setitem__(slice(0, None, 20), -999_999.0),
    "rare_class": lambda c: put(c, "bought", np.where(np.arange(len(c["at"])) < 5, 2, c["bought"])),
    "train_after_test": lambda c: put(c, "split", list(c["split"])[::-1]),
    "tells_much": lambda c: put(c, "visits", np.where(np.arange(len(c["at"])) % 20 == 7, 1 - c["bought"], c["bought"])),
    "new_categories": lambda c: put(c, "country", [*c["country"][:1_600], *(["pt"] * 400)]),
    "row_in_both": lambda c: [v.__setitem__(slice(1_600, None), v[:400]) for n, v in c.items() if n != "split"],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_spoils_a_model_is_refused(fault):
    found = check_data(spoiled(FAULTS[fault]), EXPECTED, now=NOW)
    assert fault in {finding.check for finding in found if finding.weight == "refused"}


@pytest.mark.parametrize("fault", WARNINGS)
def test_what_may_be_meant_is_told_and_let_through(fault):
    found = check_data(spoiled(WARNINGS[fault]), EXPECTED, now=NOW)
    assert {finding.check for finding in found if finding.weight == "warned"} >= {fault}
    assert not [finding for finding in found if finding.weight == "refused"]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.integers(300, 3_000))
def test_honest_data_are_let_through_without_a_word(seed, rows):
    assert check_data(table_of(honest(rows, seed)), EXPECTED, now=NOW) == ()


def test_a_missing_value_that_tells_the_answer_is_refused():
    columns = honest()
    columns["amount"] = [None if bought else v for v, bought in zip(columns["amount"], columns["bought"], strict=True)]
    (found,) = check_data(table_of(columns), EXPECTED, now=NOW)
    assert (found.check, found.where) == ("given_away", "amount")


def test_a_measured_target_is_given_away_by_its_copy():
    columns = honest()
    columns["spent"], columns["amount"] = columns["amount"] * 2, columns["amount"] * 2.2 + 1
    found = check_data(table_of(columns), dataclasses.replace(EXPECTED, target="spent"), now=NOW)
    assert [(each.check, each.where) for each in found] == [("given_away", "amount")]


def test_sorted_rows_are_refused_only_where_they_are_not_shuffled():
    columns = honest()
    order = np.argsort(columns["bought"], kind="stable")
    table = table_of({name: np.asarray(values)[order] for name, values in columns.items()})
    plain = ExpectedData(features=EXPECTED.features, target="bought")
    in_order = dataclasses.replace(plain, shuffled=False)
    assert check_data(table, plain, now=NOW) == ()
    assert [found.check for found in check_data(table, in_order, now=NOW)] == ["target_in_order"]


def test_entities_on_both_sides_of_a_split_by_entity_are_refused():
    columns = {**honest(), "who": np.arange(2_000) % 300}
    expected = dataclasses.replace(EXPECTED, entity="who")
    assert "entity_in_both" in {found.check for found in check_data(table_of(columns), expected, now=NOW)}


def test_a_finding_names_the_column_the_row_and_what_to_do():
    (found,) = check_data(spoiled(FAULTS["not_finite"]), EXPECTED, now=NOW)
    assert found.where == "amount, row 1999"
    assert "1 of 2,000 rows" in found.message
    assert found.next_step in str(found)


def test_a_job_that_learns_from_its_target_is_refused():
    with pytest.raises(InvalidInput, match="bought is the target and a feature"):
        ExpectedData(features=("bought",), target="bought")
