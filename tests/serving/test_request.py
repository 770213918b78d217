import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.projects import declared, request_row

from pressroom.features import BadRequest
from pressroom.serving import MOST_ROWS, check_rows, columns_of_rows


@pytest.fixture(scope="module")
def question(tmp_path_factory):
    return declared(tmp_path_factory.mktemp("project")).endpoint("risk").question


def refusal(question, rows):
    with pytest.raises(BadRequest) as caught:
        check_rows(question, rows)
    error = caught.value
    return error.row, error.field, error.expected, error.found


def test_a_right_row_comes_out_typed(question):
    (row,) = check_rows(question, [request_row(3, distance=2, promised="2025-04-10T12:00+02:00")])
    assert row["distance"] == 2.0
    assert isinstance(row["distance"], float)
    assert row["promised"] == 1_744_279_200_000_000
    assert (row["gift"], row["channel"], row["voucher"]) == (False, "web", None)


def test_optional_fields_may_be_left_out(question):
    row = request_row()
    del row["voucher"], row["customer"]
    assert check_rows(question, [row])[0]["customer"] is None


def test_a_missing_field_is_named_with_its_row(question):
    row = request_row()
    del row["distance"]
    assert refusal(question, [request_row(), row]) == (1, "distance", "a number", "nothing")
    assert refusal(question, [request_row(distance=None)]) == (0, "distance", "a number", "null")


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("distance", "1.5", "a number"),
        ("distance", True, "a number"),
        ("distance", [1.5], "a number"),
        ("distance", 10**400, "a number"),
        ("pieces", "3", "a whole number"),
        ("pieces", 2.5, "a whole number"),
        ("pieces", True, "a whole number"),
        ("pieces", 2**63, "a whole number"),
        ("gift", "true", "true or false"),
        ("gift", 1, "true or false"),
        ("channel", 5, "text"),
        ("channel", {"a": 1}, "text"),
        ("promised", 1_744_279_200, "an instant with a zone"),
        ("promised", "2025-04-10T12:00", "naive"),
        ("promised", "tomorrow", "an instant with a zone"),
        ("customer", 7, "text"),
        ("order", False, "text"),
    ],
)
def test_a_wrong_type_is_named_with_what_was_expected(question, field, value, expected):
    row, name, wanted, found = refusal(question, [request_row(), request_row(**{field: value})])
    assert (row, name) == (1, field)
    assert expected in wanted
    assert len(found) <= 60


def test_an_unknown_field_is_named_with_the_nearest_there_is(question):
    row, field, expected, _ = refusal(question, [request_row(distanse=1.0)])
    assert (row, field) == (0, "distanse")
    assert "distance" in expected


@pytest.mark.parametrize("rows", [None, {}, "rows", 5, []])
def test_rows_are_a_list_of_at_least_one(question, rows):
    assert refusal(question, rows)[:3] == (0, "", "a list of at least one row")


@pytest.mark.parametrize("row", [None, [], "row", 5])
def test_each_row_is_an_object(question, row):
    assert refusal(question, [request_row(), row])[:3] == (1, "", "an object of fields")


def test_too_many_rows_are_refused_before_they_are_looked_at(question):
    assert check_rows(question, [request_row()] * MOST_ROWS)
    assert refusal(question, [None] * (MOST_ROWS + 1))[3] == f"{MOST_ROWS + 1} rows"


def test_values_of_any_depth_and_length_are_shown_shortly(question):
    nested = {}
    for _ in range(100_000):
        nested = {"a": nested}
    assert refusal(question, [request_row(channel=nested)])[3] == "an object"
    assert refusal(question, [request_row(pieces="x" * 10_000)])[3].endswith("...")
    while nested:
        nested = nested.pop("a")


ODD = st.sampled_from(
    [None, 2, 2.5, -0.0, True, "x", "é", "1.5", "2025-04-10T12:00+02:00", 1_744_279_200_000_000, 2**63, 1e308, [], {}]
)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 20), ODD), max_size=3), st.integers(16, 20))
def test_many_rows_are_read_by_column_as_they_are_row_by_row_or_not_at_all(question, changes, count):
    fields = {field.name: field for field in (*question.keys, *question.brought())}
    rows = [request_row(number) for number in range(count)]
    names = [*rows[0], "other"]
    for place, name, value in changes:
        rows[place % count][names[name % len(names)]] = value
    columns = columns_of_rows(fields, rows, most=MOST_ROWS)
    try:
        wanted = check_rows(fields, rows)
    except BadRequest:
        assert columns is None
        return
    if columns is None:
        return
    for name in fields:
        found = columns[name].tolist() if isinstance(columns[name], np.ndarray) else columns[name]
        assert [*map(repr, found)] == [repr(row[name]) for row in wanted]


def test_right_rows_are_read_by_column_from_sixteen_on(question):
    fields = {field.name: field for field in (*question.keys, *question.brought())}
    rows = [request_row(number) for number in range(16)]
    assert columns_of_rows(fields, rows, most=MOST_ROWS) is not None
    assert columns_of_rows(fields, rows[:15], most=MOST_ROWS) is None
    assert columns_of_rows(fields, rows, most=15) is None
    del rows[3]["voucher"]
    assert columns_of_rows(fields, rows, most=MOST_ROWS) is None, "what is left out is filled in row by row"
