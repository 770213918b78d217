"""An endpoint whose requests bring everything: rows and columns mean the same."""

import numpy as np
import pytest
from tests.projects import (
    DEFINITIONS,
    END,
    append,
    declared,
    delivered_rows,
    in_memory,
    mean_by,
    placed_rows,
    request_row,
    train,
)

from pressroom.features import BadRequest
from pressroom.serving import Ask, Columns, Rows, Share, Usual, check_columns, check_rows

BARE = DEFINITIONS.replace("        Habit,\n        Traffic,\n", "").partition("trial =")[0]


def bare_row(number=0):
    """A row without the keys that only views need."""
    return {name: value for name, value in request_row(number).items() if name not in ("customer", "quarter")}


@pytest.fixture
def bare(tmp_path):
    workspace, definitions = in_memory(), declared(tmp_path, BARE)
    workspace.apply(definitions)
    append(workspace, definitions.facts["placed"], placed_rows())
    append(workspace, definitions.facts["delivered"], delivered_rows(placed_rows()))
    train(workspace, definitions, mean_by("by_pieces", "pieces", "channel"))
    workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.by_pieces")])
    live = workspace.serving.live()
    live.refresh()
    return workspace, live.predictor("risk")


def as_columns(rows):
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    columns["distance"] = np.array(columns["distance"])
    columns["pieces"] = np.array(columns["pieces"], dtype=np.int32)
    columns["gift"] = np.array(columns["gift"])
    return columns


def usual(predictor, rows):
    """The same as a usual request brings it: its one number column as bytes."""
    columns = as_columns(rows)
    content = columns.pop("distance").astype("<f8").tobytes()
    return Usual(predictor.fields).columns({"distance": content}, columns, len(rows))


def single(predictor, row):
    """One row as a usual request brings it."""
    others = {name: [value] for name, value in row.items() if name != "distance"}
    return Usual(predictor.fields).one([row["distance"]], others)


def told(pieces):
    return [one.prediction for piece in pieces for one in (piece.answers[p] for p in range(piece.start, piece.stop))]


def test_rows_and_columns_are_answered_alike_and_together(bare):
    _, predictor = bare
    rows = [bare_row(number) for number in range(12)]
    columns = Columns(check_columns(predictor.fields, as_columns(rows), 12), 12)
    checked = Rows(check_rows(predictor.fields, rows))
    by_row, by_column = (told(predictor.answer([Ask(given, END, 0)])) for given in (checked, columns))
    assert by_row == by_column
    assert len(set(by_row)) > 3
    assert told(predictor.answer([Ask(checked, END, 0), Ask(columns, END, 0)])) == by_row * 2
    assert columns.as_rows() == list(checked.rows)
    block = usual(predictor, rows)
    assert block.as_rows() == list(checked.rows)
    assert told(predictor.answer([Ask(given, END, 0) for given in (block, block)])) == by_row * 2
    assert told(predictor.answer([Ask(given, END, 0) for given in (block, checked, columns)])) == by_row * 3
    singles = [single(predictor, row) for row in rows]
    assert [row for each in singles for row in each.as_rows()] == list(checked.rows)
    assert told(predictor.answer([Ask(given, END, 0) for given in singles])) == by_row
    assert told(predictor.answer([Ask(given, END, 0) for given in (*singles, block)])) == by_row * 2
    assert told(predictor.answer([Ask(given, END, 0) for given in (*singles, checked)])) == by_row * 2


@pytest.mark.parametrize("distance", [float("nan"), float("inf")])
def test_what_is_not_usual_is_left_to_others(bare, distance):
    _, predictor = bare
    assert usual(predictor, [bare_row(0), bare_row(1)]) is not None
    assert usual(predictor, [bare_row(0), {**bare_row(1), "distance": distance}]) is None
    assert usual(predictor, [bare_row(0), {**bare_row(1), "channel": None}]) is None
    assert usual(predictor, [{**bare_row(0), "weight": 1}]) is None
    assert single(predictor, bare_row(0)) is not None
    assert single(predictor, {**bare_row(0), "distance": distance}) is None
    assert single(predictor, {**bare_row(0), "channel": None}) is None
    assert single(predictor, {**bare_row(0), "weight": 1}) is None
    assert Usual(predictor.fields).columns({"distance": b"1234567"}, as_columns([bare_row(0)]), 1) is None
    assert Usual(predictor.fields).columns({}, as_columns([bare_row(0)]), 1) is None


def test_columns_are_written_down_as_rows_are(bare):
    workspace, predictor = bare
    rows = [bare_row(number) for number in range(6)]
    log = workspace.serving.prediction_log()
    for given in (
        Rows(check_rows(predictor.fields, rows)),
        Columns(check_columns(predictor.fields, as_columns(rows), 6), 6),
        usual(predictor, rows[:2]),
        usual(predictor, rows[2:]),
    ):
        (piece,) = predictor.answer([Ask(given, END, 0)])
        log.add(piece.answers)
        if not isinstance(given, Columns) or given.block is None:
            log.flush()
    for piece in predictor.answer([Ask(single(predictor, row), END, 0) for row in rows])[:1]:
        log.add(piece.answers)
    log.close()
    table, _ = workspace.facts.read(predictor.endpoint.predictions())
    kept = table.drop_columns(["prediction_id", "seq", "latency_us"]).to_pylist()
    assert len(kept) == 24
    first, *others = (sorted(map(repr, kept[start : start + 6])) for start in range(0, 24, 6))
    assert all(other == first for other in others)
    assert {row["order"] for row in kept} == {f"n{number}" for number in range(6)}


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("distance", np.array([1.0, np.nan]), "rows[1].distance: expected a number, found NaN"),
        ("distance", np.array([np.inf, 1.0]), "rows[0].distance: expected a finite number"),
        ("distance", [float("inf"), 1.0], "rows[0].distance: expected a finite number"),
        ("distance", np.array([True, False]), "bool numbers"),
        ("pieces", np.array([1.0, 2.0]), "float64 numbers"),
        ("pieces", np.array([1, 2**63], dtype=np.uint64), "rows[1].pieces"),
        ("pieces", [1, 2, 3], "expected 2 values, one for each row, found 3 values"),
        ("gift", [1, 0], "rows[0].gift: expected true or false"),
        ("promised", [2**63, 1], "rows[0].promised"),
        ("channel", [None, "web"], "rows[0].channel: expected UTF-8 text, found null"),
        ("channel", ["\ud800", "web"], "rows[0].channel"),
        ("channel", None, "rows[0].channel: expected UTF-8 text, found nothing"),
        ("weight", [1, 2], "rows[0].weight: expected no such field"),
    ],
)
def test_a_wrong_column_is_named(bare, name, values, words):
    _, predictor = bare
    columns = {**as_columns([bare_row(0), bare_row(1)]), name: values}
    with pytest.raises(BadRequest) as caught:
        check_columns(predictor.fields, columns, 2)
    assert words in str(caught.value)


def test_what_is_optional_may_be_left_out_or_null(bare):
    _, predictor = bare
    columns = as_columns([bare_row(0), bare_row(1)])
    del columns["voucher"]
    columns["promised"] = [5, "2025-04-10T12:00Z"]
    found = check_columns(predictor.fields, columns, 2)
    assert (found["voucher"], found["promised"][0]) == ([None, None], 5)
    assert check_columns(predictor.fields, {**columns, "voucher": [None, "v1"]}, 2)["voucher"] == [None, "v1"]
