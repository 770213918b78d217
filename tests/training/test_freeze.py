import io
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.projects import (
    DAY,
    END,
    HOUR,
    MINUTE,
    START,
    append,
    declared,
    delivered_rows,
    in_memory,
    placed_rows,
    table_of,
)

from pressroom.training import NoRows
from pressroom.training.freeze import _contents, freeze
from pressroom.values import parse_instant

TRAIN_UNTIL, VALIDATE_UNTIL = parse_instant("2025-03-28T00:00Z"), parse_instant("2025-04-10T00:00Z")
PLACED = placed_rows()
DELIVERED = delivered_rows(PLACED)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return declared(tmp_path_factory.mktemp("project"))


def loaded(project, placed=PLACED, delivered=DELIVERED):
    workspace = in_memory()
    for name, rows in (("placed", placed), ("delivered", delivered)):
        workspace.facts.append_checked([(project.facts[name], table_of(project.facts[name], rows))])
    return workspace


def frozen(workspace, project, *, known_at=END):
    return freeze(
        project.training_set("late"),
        features=workspace.features,
        blobs=workspace.ports.blobs,
        known_at=known_at,
    )


def instants(table):
    return table.column("as_of").cast(pa.int64()).to_pylist()


def first_delivery(order, delivered, known_at):
    """What became of an order, worked out from the rows."""
    later = [
        row
        for row in delivered
        if row["order"] == order["order"]
        and row.get("known", row["event"]) <= known_at
        and order["event"] < row["event"] <= order["event"] + DAY
    ]
    return min(later, key=lambda row: row["event"])["delay"] if later else None


@pytest.mark.parametrize("known_at", [END, END - 5 * DAY, START + 3 * DAY])
def test_its_rows_are_exactly_those_of_the_spine_that_have_a_label(project, known_at):
    table = frozen(loaded(project), project, known_at=known_at).table
    expected = []
    for order in PLACED:
        delay = first_delivery(order, DELIVERED, known_at)
        if order["event"] < min(known_at, VALIDATE_UNTIL) and delay is not None:
            part = "train" if order["event"] < TRAIN_UNTIL else "validate"
            expected.append(
                (order["event"], order["order"], float(delay > 10), part, order["pieces"], order["voucher"])
            )
    columns = [table.column(name).to_pylist() for name in ("order", "label", "split", "pieces", "voucher")]
    assert list(zip(instants(table), *columns, strict=True)) == expected
    assert len(expected) > 10


def test_the_columns_are_instant_keys_inputs_label_and_split(project):
    found = frozen(loaded(project), project)
    inputs = [field.name for field in found.inputs]
    assert found.table.column_names == ["as_of", "order", "customer", "quarter", *inputs, "label", "split"]
    assert found.label.name == "label"


def test_split_boundaries_belong_to_the_later_part(project):
    edges = [TRAIN_UNTIL - 1, TRAIN_UNTIL, VALIDATE_UNTIL - 1, VALIDATE_UNTIL]
    placed = [{**PLACED[0], "event": edge, "known": edge, "order": f"e{edge}"} for edge in edges]
    delivered = [
        {"event": edge + 1, "known": edge + 1, "order": f"e{edge}", "quarter": "q0", "delay": 1.0} for edge in edges
    ]
    table = frozen(loaded(project, placed, delivered), project, known_at=VALIDATE_UNTIL + DAY).table
    assert list(zip(instants(table), table.column("split").to_pylist(), strict=True)) == [
        (TRAIN_UNTIL - 1, "train"), (TRAIN_UNTIL, "validate"), (VALIDATE_UNTIL - 1, "validate"),
    ]  # fmt: skip


def test_the_same_facts_give_the_same_digest_however_often_and_wherever_they_are_frozen(project):
    workspace = loaded(project)
    first = frozen(workspace, project)
    assert frozen(workspace, project).digest == first.digest
    assert frozen(loaded(project), project).digest == first.digest
    workspace.settle()
    after = frozen(workspace, project)
    assert (after.digest, after.blob, after.table.equals(first.table)) == (first.digest, first.blob, True)


def test_facts_that_become_known_later_do_not_change_it(project):
    workspace = loaded(project)
    before = frozen(workspace, project)
    later = [
        {"event": order["event"] + MINUTE, "known": END + 1, "order": order["order"], "quarter": "q1", "delay": 90.0}
        for order in PLACED
    ]
    orders = [{**order, "order": f"x{order['order']}", "known": END + 1} for order in PLACED]
    append(workspace, project.facts["delivered"], later)
    append(workspace, project.facts["placed"], orders)
    assert frozen(workspace, project).digest == before.digest
    assert frozen(workspace, project, known_at=END + DAY).digest != before.digest


@pytest.mark.parametrize("seed", range(8))
def test_the_order_of_appends_makes_no_difference_where_no_instants_are_tied(project, seed):
    draw = Random(seed)
    placed, delivered = PLACED[::3], DELIVERED[::3]
    rows = [*(("placed", row) for row in placed), *(("delivered", row) for row in delivered)]
    assert len({(name, row["event"]) for name, row in rows}) == len(rows)
    draw.shuffle(rows)
    workspace = in_memory()
    while rows:
        taken, rows = rows[:40], rows[40:]
        for name in ("placed", "delivered"):
            mine = [row for kind, row in taken if kind == name]
            workspace.facts.append_checked([(project.facts[name], table_of(project.facts[name], mine))])
        if draw.random() < 0.3:
            workspace.facts.settle()
    assert frozen(workspace, project).digest == frozen(loaded(project, placed, delivered), project).digest


def test_rows_of_one_instant_stand_in_the_order_in_which_they_were_appended(project):
    tied = [{**PLACED[0], "order": f"t{n}"} for n in (3, 1, 2)]
    delivered = [
        {"event": START + HOUR, "known": START + HOUR, "order": f"t{n}", "quarter": "q0", "delay": 1.0}
        for n in range(4)
    ]
    assert frozen(loaded(project, tied, delivered), project).table.column("order").to_pylist() == ["t3", "t1", "t2"]


def changes(rows, place, **values):
    return [{**row, **values} if number == place else row for number, row in enumerate(rows)]


@pytest.mark.parametrize(
    ("placed", "delivered"),
    [
        (changes(PLACED, 5, distance=9.9), DELIVERED),
        (changes(PLACED, 5, gift=not PLACED[5]["gift"]), DELIVERED),
        (changes(PLACED, 5, voucher="other"), DELIVERED),
        (changes(PLACED, 6, voucher=None), DELIVERED),
        (changes(PLACED, 5, promised=START), DELIVERED),
        (changes(PLACED, 5, customer="somebody"), DELIVERED),
        (PLACED, changes(DELIVERED, 5, delay=500.0)),
        (PLACED[:5] + PLACED[6:], DELIVERED),
        (PLACED, DELIVERED[:5] + DELIVERED[6:]),
    ],
)
def test_another_value_gives_another_digest(project, placed, delivered):
    assert frozen(loaded(project, placed, delivered), project).digest != frozen(loaded(project), project).digest


def test_what_is_kept_is_what_was_frozen(project):
    workspace = loaded(project)
    found = frozen(workspace, project)
    assert pq.read_table(io.BytesIO(workspace.ports.blobs.get(found.blob))).equals(found.table)


def test_a_fact_that_happened_before_and_was_known_only_after_is_in_no_row_before(project):
    """The planted leak: as of event time it would give the label away."""
    leaks = [
        {"event": order["event"] - MINUTE, "known": order["event"] + 1, "order": f"leak{number}",
         "customer": order["customer"], "quarter": order["quarter"], "delay": 1e6}
        for number, order in enumerate(PLACED)
    ]  # fmt: skip
    with_leaks = frozen(loaded(project, PLACED, [*DELIVERED, *leaks]), project).table
    without = frozen(loaded(project), project).table
    assert with_leaks.num_rows == without.num_rows
    # Each leak is rightly seen by the orders after it, and by none at its own instant.
    by_instant = {order["event"]: order for order in PLACED}
    assert len(by_instant) == len(PLACED)
    for place, instant in enumerate(instants(with_leaks)):
        order = by_instant[instant]
        seen = [
            row["delay"] for row in [*DELIVERED, *leaks]
            if row["customer"] == order["customer"] and order["customer"] is not None
            and row["known"] <= instant and instant - 7 * DAY <= row["event"] < instant
        ]  # fmt: skip
        count = with_leaks.column("habit.deliveries_7d")[place].as_py()
        assert count == (len(seen) if order["customer"] is not None else None)


def test_a_spine_row_that_was_known_only_after_its_instant_asks_nothing(project):
    late = changes(PLACED, 5, known=PLACED[5]["event"] + 1)
    found = frozen(loaded(project, late), project).table.column("order").to_pylist()
    assert "o5" not in found
    assert "o6" in found


def test_no_row_with_a_label_is_refused(project):
    for workspace in (loaded(project, PLACED, []), loaded(project, [], DELIVERED)):
        with pytest.raises(NoRows, match="late has no row with a label"):
            frozen(workspace, project)
    with pytest.raises(NoRows):
        frozen(loaded(project), project, known_at=START)


def test_the_digest_is_of_what_lists_and_bytes_hold():
    def contents(vectors, photos=(b"a", None, b"b")):
        columns = {"v": pa.array(vectors, pa.list_(pa.float32())), "p": pa.array(photos, pa.binary())}
        return [part for name, column in columns.items() for part in _contents(name, pa.chunked_array([column]))]

    same = [[1.0, 2.0], None, [3.0]]
    assert contents(same) == contents([list(one) if one else one for one in same])
    assert contents(same) != contents([[1.0], None, [2.0, 3.0]])
    assert contents(same) != contents([[1.0, 2.0], [], [3.0]])
    assert contents(same) != contents(same, photos=(b"a", b"", b"b"))


@pytest.mark.parametrize("kind", [pa.list_(pa.float32()), pa.list_(pa.float32(), 2), pa.large_list(pa.float32())])
def test_the_digest_does_not_depend_on_what_a_format_calls_the_values_of_lists(kind):
    column = pa.chunked_array([pa.array([[1.0, 2.0], None], kind)])
    file = io.BytesIO()
    pq.write_table(pa.table({"v": column}), file)
    again = pq.read_table(file).column("v")
    assert str(again.type) != str(column.type), "or there is nothing to see here"
    assert list(_contents("v", again)) == list(_contents("v", column))
