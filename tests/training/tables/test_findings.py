import numpy as np
import pyarrow as pa
import pytest
from tests.training.tables_given import DAY, START, customers

from pressroom.training.tables.findings import roles_of
from pressroom.training.tables.prepare import prepare
from pressroom.training.tables.read_table import table_of
from pressroom.values import InvalidInput, NotFound, Refused


def prepared(rows, target="churned", *, time="", entity="", known_at=(), keep=()):
    table = table_of(rows, source="t")
    return prepare(table, roles_of(table, target, time, entity, known_at, keep))


def out(found):
    return {one.column: one.why for one in found.findings if one.left_out}


def test_a_leak_an_identifier_and_a_column_that_is_written_later_are_left_out_with_reasons():
    found = prepared(customers(), time="Signed up")
    assert out(found) == {"customer_id": "identifier", "refund": "leak", "reason": "leak"}
    words = {one.column: one.words for one in found.findings}
    assert "AUC 1.000 by itself" in words["refund"]
    assert "wherever it is" in words["reason"]
    assert set(found.inputs) == {"signed_up", "age", "plan", "calls"}


def test_keep_overrides_and_says_so():
    found = prepared(customers(), keep=("refund", "customer_id"))
    assert out(found) == {"reason": "leak"}
    assert {one.column for one in found.findings if one.kept} == {"refund", "customer_id"}
    assert {"refund", "customer_id"} <= set(found.inputs)


@pytest.mark.parametrize("seed", range(15))
def test_nothing_honest_is_left_out_of_many_random_tables(seed):
    draw = np.random.default_rng(seed)
    rows = int(draw.integers(150, 800))
    numbers = {f"n{place}": draw.normal(size=rows) * 10.0 ** draw.integers(-3, 4) for place in range(4)}
    texts = {f"t{place}": draw.choice(list("abcdefgh"), rows) for place in range(2)}
    holes = draw.normal(size=rows)
    holes[draw.random(rows) < 0.3] = np.nan
    score = sum((column - column.mean()) / column.std() for column in numbers.values())
    y = np.where(score + draw.normal(0, 1, rows) > 0, "yes", "no")
    found = prepared(pa.table({**numbers, **texts, "holes": pa.array(holes, from_pandas=True), "churned": y}))
    assert out(found) == {}


def test_what_was_known_only_after_the_row_is_left_out_by_its_known_at_column():
    rows = customers()
    at = np.asarray(rows.column("Signed up").cast(pa.int64()))
    late, early = (pa.array(at + days * DAY, pa.timestamp("us", "UTC")) for days in (3, -1))
    rows = rows.append_column("calls_known_at", late).append_column("plan since", early)
    found = prepared(rows, time="Signed up", known_at=("calls_known_at", "plan=plan since"))
    assert {"calls": "known later", "calls_known_at": "role", "plan since": "role"}.items() <= out(found).items()
    assert "plan" in found.inputs
    with pytest.raises(InvalidInput, match="nothing says as of when"):
        prepared(rows, known_at=("calls_known_at",))
    with pytest.raises(InvalidInput, match="nobody knows which"):
        prepared(rows, time="Signed up", known_at=("plan since",))


def test_an_instant_after_the_row_is_pointed_out():
    rows = customers()
    at = np.asarray(rows.column("Signed up").cast(pa.int64()))
    rows = rows.append_column("closed", pa.array(at + 5 * DAY, pa.timestamp("us", "UTC")))
    found = prepared(rows, time="Signed up")
    (one,) = [one for one in found.findings if one.column == "closed"]
    assert (one.why, one.left_out) == ("after the row", False)
    assert "100.0% of the rows" in one.words


def test_missing_targets_are_left_out_and_counted():
    rows = customers()
    target = rows.column("churned").to_pylist()
    rows = rows.set_column(rows.column_names.index("churned"), "churned", pa.array([None, *target[1:]]))
    found = prepared(rows)
    assert found.table.rows == 1_199
    assert "missing in 1 of 1,200 rows" in found.warnings[0]


def test_drift_between_train_and_test_is_named_and_stillness_is_not():
    rows = customers()
    wind = np.random.default_rng(1).normal(size=1_200)
    moved = wind + np.linspace(0, 3, 1_200)
    found = prepared(
        rows.append_column("wind", pa.array(wind)).append_column("moved", pa.array(moved)), time="Signed up"
    )
    assert [one.column for one in found.drifted] == ["moved"]
    assert "its median went from" in found.drifted[0].words


def test_texts_that_moved_are_named_too():
    rows = customers()
    channel = ["web"] * 700 + ["app"] * 500
    found = prepared(rows.append_column("channel", pa.array(channel)), time="Signed up")
    assert [one.column for one in found.drifted] == ["channel"]
    assert "'app' went from" in found.drifted[0].words


def test_equal_rows_on_both_sides_are_counted_by_time_and_kept_together_at_random():
    rows = customers().drop_columns(["customer_id", "refund", "reason"])
    few = rows.set_column(1, "Age", pa.array([30.0] * 1_200))
    by_time = prepared(few, time="Signed up")
    assert any("are equal to rows that were learnt from" in words for words in by_time.warnings)
    at_random = prepared(few.drop_columns(["Signed up"]))
    assert not any("are equal to rows" in words for words in at_random.warnings)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (pa.table({"a": list(range(60)), "churned": ["yes", "no"] * 30}), "60 rows have a churned; 100 are needed"),
        (pa.table({"a": list(range(200)), "churned": ["yes"] * 200}), "churned is yes in every row"),
        (
            pa.table({"a": list(range(200)), "churned": ["yes"] * 190 + ["no"] * 10}),
            "churned is no in 10 rows; 20 of each",
        ),
        (pa.table({"a": list(range(200)), "churned": [f"x{p % 60}" for p in range(200)]}), "60 different texts"),
        (pa.table({"row_id": list(range(200)), "churned": ["yes", "no"] * 100}), "No column of t is left"),
    ],
)
def test_what_can_not_be_learnt_is_refused_with_the_number_that_is_needed(rows, said):
    with pytest.raises(Refused, match=said):
        prepared(rows)


def test_a_class_that_the_past_did_not_know_is_refused():
    rows = pa.table(
        {
            "at": pa.array(START + np.arange(400) * DAY, pa.timestamp("us", "UTC")),
            "a": np.random.default_rng(1).normal(size=400),
            "churned": ["no"] * 330 + ["yes"] * 70,
        }
    )
    with pytest.raises(Refused, match=r"The train part has 0 rows in which churned is yes \(in the order of at"):
        prepared(rows, time="at")


def test_few_different_rows_are_said_to_be_that():
    rows = pa.table({"x": [0.5, 1.5, 2.5, 3.5] * 100, "churned": ["no", "no", "no", "yes"] * 100})
    with pytest.raises(Refused) as refused:
        prepared(rows)
    assert refused.value.next_step.startswith("Only 4 of 400 rows differ")


def test_what_is_nothing_to_predict_is_said_in_words():
    rows = customers()
    rows = rows.append_column("note", pa.array([f"he said {place} long words" for place in range(len(rows))]))
    with pytest.raises(InvalidInput, match="note is free text: that is nothing to predict"):
        prepared(rows, target="note")


def test_roles_are_checked():
    with pytest.raises(NotFound) as refused:
        prepared(customers(), target="churnd")
    assert "churned" in refused.value.next_step
    with pytest.raises(InvalidInput, match="named twice"):
        prepared(customers(), entity="churned")
    with pytest.raises(InvalidInput, match="plan holds categories, and instants"):
        prepared(customers(), time="plan")


def test_an_empty_instant_is_named_with_its_row():
    rows = customers()
    at = rows.column("Signed up").to_pylist()
    at[4] = None
    rows = rows.set_column(0, "Signed up", pa.array(at, pa.timestamp("us", "UTC")))
    with pytest.raises(InvalidInput, match="row 5: Signed up is empty"):
        prepared(rows, time="Signed up")


@pytest.mark.parametrize(
    ("values", "kind", "positive"),
    [
        (["yes", "no"], "yes or no", "yes"),
        (["late", "on time"], "yes or no", "late"),
        (["churned", "kept"], "yes or no", "churned"),
        (["red", "blue"], "yes or no", "blue"),
        ([True, False], "yes or no", "yes"),
        ([1, 0], "yes or no", "1"),
        (["a", "b", "c"], "several classes", ""),
        ([1.5, 2.5, 4.0], "number", ""),
    ],
)
def test_the_task_is_that_of_the_target(values, kind, positive):
    draw = np.random.default_rng(1)
    share = [0.7] + [0.3 / (len(values) - 1)] * (len(values) - 1)
    share = share[::-1] if positive == "yes" else share
    target = [values[place] for place in draw.choice(len(values), 400, p=share)]
    found = prepared(pa.table({"a": draw.normal(size=400), "churned": target}))
    assert (found.task.kind, found.task.positive) == (kind, positive)
