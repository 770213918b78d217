"""Corrections that come in later change no training set as it was known before."""

from pathlib import Path

import pytest

import pressroom as pr
from pressroom.values import parse_instant
from pressroom.workspace import Workspace, open_workspace


class Order(pr.Entity):
    """An order."""


class Store(pr.Entity):
    """A store."""


class Ordered(pr.Fact):
    """Somebody ordered."""

    order: pr.Key[Order]
    store: pr.Key[Store]
    amount: pr.Float


class Delivered(pr.Fact):
    """It came."""

    order: pr.Key[Order]
    store: pr.Key[Store]
    late: pr.Float


class Pace(pr.FeatureView, entity=Store):
    """How late a store runs."""

    late = Delivered.late.mean(window="30d")
    worst = Delivered.late.max(window="30d")
    last = Delivered.late.last()


late = pr.training_set(
    "late",
    spine=Ordered,
    features=[Pace, pr.request(Ordered.store, Ordered.amount)],
    label=Delivered.late.next(within="2d", by=Delivered.order) > 10,
    split=pr.split_by_time(train_until="2025-01-20T00:00Z", validate_until="2025-02-01T00:00Z"),
    baseline=[Ordered.store],
    purpose="operations",
)
BEFORE = parse_instant("2025-02-10T00:00Z")
AFTER = parse_instant("2025-03-10T00:00Z")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "pressroom.toml").write_text("[project]\n")
    opened = open_workspace(tmp_path)
    opened.apply(pr.definitions_of(Ordered, Delivered, Pace))
    orders = [
        {"event": f"2025-01-{day:02}T08:00Z", "order": f"o{day}", "store": f"s{day % 3}", "amount": float(day)}
        for day in range(1, 30)
    ]
    deliveries = [
        {"event": f"2025-01-{day:02}T20:00Z", "order": f"o{day}", "store": f"s{day % 3}", "late": float(day * 7 % 25)}
        for day in range(1, 30)
    ]
    opened.append(pr.batch_of(Ordered, orders, known="event"), pr.batch_of(Delivered, deliveries, known="event + 5min"))
    return opened


def _correct(workspace: Workspace) -> None:
    wrong = {"event": "2025-01-05T20:00Z", "known": "2025-03-01T00:00Z", "order": "o5", "store": "s2"}
    workspace.append(
        pr.batch_of(Delivered, [{**wrong, "late": 99.0}], known="column", change="corrects"),
        pr.batch_of(Delivered, [{**wrong, "event": "2025-01-09T20:00Z", "order": "o9", "store": "s0"}], known="column",
                    change="retracts"),
    )  # fmt: skip


@pytest.mark.parametrize("settled", [False, True])
def test_a_training_set_known_before_the_correction_is_the_same_byte_for_byte(
    workspace: Workspace, *, settled: bool
) -> None:
    first, _ = workspace.training.build(late, known_at=BEFORE)
    _correct(workspace)
    if settled:
        workspace.settle()
    again, _ = workspace.training.build(late, known_at=BEFORE)
    assert again.digest == first.digest
    assert workspace.ports.blobs.get(again.blob) == workspace.ports.blobs.get(first.blob)


def test_one_known_after_it_has_the_corrected_label_and_loses_the_retracted_one(workspace: Workspace) -> None:
    first, _ = workspace.training.build(late, known_at=BEFORE)
    _correct(workspace)
    later, _ = workspace.training.build(late, known_at=AFTER)
    old = dict(zip(first.table["order"].to_pylist(), first.table["label"].to_pylist(), strict=True))
    new = dict(zip(later.table["order"].to_pylist(), later.table["label"].to_pylist(), strict=True))
    assert (old["o5"], new["o5"]) == (0.0, 1.0) if old["o5"] == 0.0 else (1.0, 1.0)
    assert old.keys() - new.keys() == {"o9"}
    features = [name for name in first.table.column_names if name.startswith("pace.")]
    kept = [row for row, order in enumerate(first.table["order"].to_pylist()) if order != "o9"]
    assert first.table.select(features).take(kept).equals(later.table.select(features))
