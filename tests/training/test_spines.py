"""Training sets of given rows, of every change, of every period, and split by entity: built, frozen, trained."""

import pyarrow as pa
import pytest
from tests.projects import BY_PIECES, DAY, DEFINITIONS, END, START, declared, fill, in_memory, placed_rows, train

import pressroom as pr
from pressroom.facts import INSTANT, BadDefinition
from pressroom.features import BadSpine
from pressroom.policy import PolicyRefused, Rule
from pressroom.training import training_set
from pressroom.values import format_instant
from pressroom.workspace import Workspace

BY_TIME = 'pr.split_by_time(train_until="2025-03-28T00:00Z", validate_until="2025-04-10T00:00Z")'
BY_ENTITY = DEFINITIONS.replace(BY_TIME, "pr.split_by_entity(Customer, validate=0.3, test=0.1)")


class Customer(pr.Entity):
    """Who orders."""


class Order(pr.Entity):
    """An order."""


class Delivered(pr.Fact):
    """An order was handed over."""

    order: pr.Key[Order]
    customer: pr.Key[Customer] = pr.field(optional=True)
    quarter: pr.Key["quarter"]  # noqa: F821
    delay: pr.Float = pr.field(unit="min", doc="actual minus promised")


class Habit(pr.FeatureView, entity=Customer, owner="shop"):
    """How this customer's orders went."""

    deliveries_7d = Delivered.count(window="7d")
    last_delay = Delivered.delay.last()


@pytest.fixture
def floor(tmp_path):
    definitions = declared(tmp_path)
    workspace = in_memory()
    fill(workspace, definitions)
    return workspace


def frame(count=300):
    orders = placed_rows(count)[::-1]
    return pa.table(
        {
            "when": pa.array([order["event"] for order in orders], pa.int64()).cast(INSTANT),
            "order": [order["order"] for order in orders],
            "customer": [order["customer"] for order in orders],
            "pieces": pa.array([order["pieces"] for order in orders], pa.int16()),
            "channel": [order["channel"] for order in orders],
            "late": [order["pieces"] > 3 for order in orders],
            "basket": [["x"] * order["pieces"] for order in orders],
        }
    )


def rows_of(table, **more):
    keys = {"order": Order, "customer": Customer}
    return pr.spine(table, as_of="when", keys=keys, **more)


def declared_on(rows, *, label=None, name="given", **more):
    return training_set(
        name,
        spine=rows,
        features=[Habit, pr.request(rows["pieces"], rows["channel"])],
        label=Delivered.delay.next(within="24h", by=Delivered.order) > 10 if label is None else label,
        split=more.pop("split", pr.split_by_entity(Customer, validate=0.4)),
        purpose="operations",
        baseline=[rows["channel"]],
        **more,
    )


def test_given_rows_come_out_in_their_order_with_their_other_columns(floor):
    rows = rows_of(frame())
    found, _ = floor.training.build(declared_on(rows), known_at=END)
    table = found.table
    assert table.column_names[:6] == ["as_of", "order", "customer", "when", "late", "basket"]
    assert table.column_names[6:] == [
        "habit.deliveries_7d", "habit.last_delay", "pieces", "channel", "label", "split",
    ]  # fmt: skip
    kept = set(table.column("order").to_pylist())
    expected = frame().filter(pa.array([order in kept for order in frame().column("order").to_pylist()]))
    for name in ("order", "customer", "late", "basket", "when"):
        assert table.column(name).equals(expected.column(name)), name
    assert table.column("pieces").type == pa.int64()


def test_a_label_that_was_given_is_learnt_as_it_stands(floor):
    rows = rows_of(frame())
    definition = declared_on(rows, label=rows["late"])
    found, reference = floor.training.build(definition, known_at=END)
    assert found.rows == 300
    assert "late" not in found.table.column_names[:6] or found.table.column("late").equals(frame().column("late"))
    assert found.table.column("label").to_pylist() == [float(late) for late in frame().column("late").to_pylist()]
    assert floor.catalog.find(reference) is not None
    run = floor.start_run("test")
    trained = floor.training.train(definition, [BY_PIECES], run=run, known_at=END)
    assert trained.models[1].evaluation.auc == pytest.approx(1.0)


def test_the_values_of_given_rows_are_part_of_the_identity(floor):
    same, other = declared_on(rows_of(frame())), declared_on(rows_of(frame(299)))
    assert same.digest() == declared_on(rows_of(frame())).digest()
    assert same.digest() != other.digest()
    one, two = (floor.training.build(each, known_at=END)[0] for each in (same, declared_on(rows_of(frame()))))
    assert one.digest == two.digest


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"label": [1.0] * 300}, "column 'label'"),
        ({"split": ["x"] * 300}, "column 'split'"),
        ({"as_of": [1] * 300}, "column 'as_of'"),
        ({"habit.last_delay": [1.0] * 300}, r"column 'habit\.last_delay'"),
    ],
)
def test_given_rows_with_a_column_that_is_made_here_are_refused(change, words):
    table = frame()
    for name, values in change.items():
        table = table.append_column(name, pa.array(values))
    with pytest.raises(BadDefinition, match=words):
        declared_on(rows_of(table))


def test_a_given_label_must_be_a_number_of_these_rows():
    rows = rows_of(frame())
    with pytest.raises(BadDefinition, match="no column of the given rows"):
        declared_on(rows, label=Delivered.delay)
    with pytest.raises(BadDefinition, match="is string"):
        declared_on(rows, label=rows["channel"])


def test_an_endpoint_needs_a_label_that_happens():
    rows = rows_of(frame())
    with pytest.raises(BadDefinition, match="was given with its rows"):
        pr.endpoint("risk", answers=declared_on(rows, label=rows["late"]))
    assert pr.endpoint("risk", answers=declared_on(rows)).label_key == "order"


def test_what_policy_says_of_given_columns_is_enforced(floor):
    ruled = Workspace(settings=floor.settings, ports=floor.ports)
    object.__setattr__(ruled.settings, "rules", (Rule(label="pii", purposes=("fraud",)),))
    rows = rows_of(frame(), labels={"basket": ("pii",)})
    with pytest.raises(PolicyRefused, match="pii"):
        ruled.training.build(declared_on(rows), known_at=END)
    with pytest.raises(PolicyRefused, match="pii"):
        ruled.features_for(rows, [Habit], purpose="operations")
    assert ruled.features_for(rows, [Habit], purpose="fraud").num_rows == 300


def test_one_entity_is_never_on_both_sides(tmp_path):
    definitions = declared(tmp_path, BY_ENTITY)
    workspace = in_memory()
    fill(workspace, definitions)
    trained = train(workspace, definitions, BY_PIECES)
    table = trained.training_set.table
    sides: dict[str, set[str]] = {}
    for customer, part in zip(table.column("customer").to_pylist(), table.column("split").to_pylist(), strict=True):
        sides.setdefault(customer, set()).add(part)
    assert all(len(parts) == 1 for parts in sides.values())
    assert {part for parts in sides.values() for part in parts} == {"train", "validate", "test"}
    judged = trained.training_set.read(["label"], part="validate").num_rows
    assert trained.models[0].evaluation.n == judged


def test_every_customer_is_asked_about_every_day(floor):
    spine = pr.every("1d", of=Customer, since=format_instant(START), until=format_instant(END))
    table = floor.features_for(spine, [Habit], purpose="operations")
    assert table.column_names == ["as_of", "customer", "habit.deliveries_7d", "habit.last_delay"]
    assert table.num_rows > 1_000
    assert table.column("habit.last_delay").null_count == 0, "nobody is there before something is known"


def test_features_for_given_rows_are_the_rows_and_the_features(floor):
    found = floor.features_for(rows_of(frame()), [Habit], purpose="operations")
    assert found.select(frame().column_names).equals(frame())
    frozen, _ = floor.training.build(declared_on(rows_of(frame()), label=rows_of(frame())["late"]), known_at=END)
    for name in ("habit.deliveries_7d", "habit.last_delay"):
        assert found.column(name).to_pylist() == frozen.table.column(name).to_pylist()


def test_features_go_to_a_file(floor, tmp_path):
    into = tmp_path / "scored.parquet"
    empty = floor.features_for(rows_of(frame()), [Habit], purpose="operations", into=into)
    assert empty.num_rows == 0
    whole = floor.features_for(rows_of(frame()), [Habit], purpose="operations")
    assert pa.parquet.read_table(into).equals(whole)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".draft"] == []


def test_rows_that_ask_as_of_later_than_now_are_refused(floor):
    table = frame(3).set_column(0, "when", pa.array([END, END + 1, END], pa.int64()).cast(INSTANT))
    with pytest.raises(BadSpine, match=r"Row 1 asks as of .*, which is later than now"):
        floor.features_for(rows_of(table), [Habit], purpose="operations")
    assert floor.features_for(rows_of(table.slice(2)), [Habit], purpose="operations").num_rows == 1


def test_features_of_a_fact_type_or_of_every_change(floor):
    at_facts = floor.features_for(Delivered, [Habit], purpose="operations")
    assert at_facts.column_names[:4] == ["as_of", "order", "customer", "quarter"]
    assert at_facts.num_rows == 0, "each was known ten minutes later only, and so could not ask at its own instant"
    since, until = format_instant(START), format_instant(START + 3 * DAY)
    changes = floor.features_for(pr.every_change(Habit, since=since, until=until), [Habit], purpose="operations")
    assert changes.num_rows > 5


def test_forgetting_removes_a_training_set_whose_given_rows_name_the_subject(floor):
    table = frame().rename_columns({"customer": "patron"})
    rows = pr.spine(table, as_of="when", keys={"order": Order, "patron": Customer})
    definition = declared_on(rows, label=rows["late"])
    frozen, reference = floor.training.build(definition, known_at=END)
    receipt = floor.forgetting.forget("customer", str(frozen.table.column("patron")[0].as_py()))
    assert [made.name for made in receipt.training_sets if made.held] == [reference.name]
    assert not floor.ports.blobs.exists(frozen.blob)
