"""What the serving benchmark serves: payments, judged by a logistic regression of what the request brings along, and by
a hundred trees over features that the server reads itself.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa

import pressroom as pr
from pressroom.facts import INSTANT
from pressroom.models import Floats, Inputs, Signature, framework, matrix
from pressroom.serving import Share
from pressroom.training import Candidate, logistic
from pressroom.values import MICROSECONDS, FieldSchema, parse_instant
from pressroom.workspace import Workspace, open_workspace

START = parse_instant("2025-03-01T00:00Z")
HOUR = 3_600 * MICROSECONDS
FIELDS = 10
CARDS = 500
_ROWS = 6_000
_SPACING = HOUR // 4

_FLOATS = "\n".join(f"    x{number}: pr.Float" for number in range(FIELDS))
DEFINITIONS = f'''"""Payments, and whether they were charged back."""

import pressroom as pr


class Payment(pr.Entity):
    """A payment."""


class Card(pr.Entity):
    """A card."""


class Paid(pr.Fact):
    """A payment was made."""

    payment: pr.Key[Payment]
    card: pr.Key[Card]
{_FLOATS}
    kind: pr.String = pr.field(optional=True)


class Settled(pr.Fact):
    """What became of a payment."""

    payment: pr.Key[Payment]
    card: pr.Key[Card]
    loss: pr.Float
    amount: pr.Float


class Habit(pr.FeatureView, entity=Card, owner="bench"):
    """How this card's payments went."""

    count_1d = Settled.count(window="1d")
    count_7d = Settled.count(window="7d")
    loss_1d = Settled.loss.mean(window="1d")
    loss_7d = Settled.loss.mean(window="7d")
    amount_1d = Settled.amount.sum(window="1d")
    amount_7d = Settled.amount.mean(window="7d")
    largest_7d = Settled.amount.max(window="7d")
    smallest_7d = Settled.amount.min(window="7d")
    last_loss = Settled.loss.last()
    last_amount = Settled.amount.last()


_split = pr.split_by_time(train_until="2025-04-15T00:00Z", validate_until="2025-05-10T00:00Z")
_label = Settled.loss.next(within="2h", by=Settled.payment) > 0

brought = pr.training_set(
    "brought", spine=Paid, features=[pr.request({", ".join(f"Paid.x{number}" for number in range(FIELDS))}, Paid.kind)],
    label=_label, split=_split, purpose="fraud", owner="bench", baseline=[Paid.kind],
)
looked_up = pr.training_set(
    "looked_up", spine=Paid, features=[Habit.on(Paid.card), pr.request(Paid.kind)],
    label=_label, split=_split, purpose="fraud", owner="bench", baseline=[Paid.kind],
)
linear = pr.endpoint("linear", answers=brought)
trees = pr.endpoint("trees", answers=looked_up)
'''


def make_project(folder: Path, *, port: int, workers: int = 1) -> None:
    """A workspace in `folder` with both endpoints pushed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pressroom.toml").write_text(f"[server]\nport = {port}\nworkers = {workers}\n", encoding="utf-8")
    (folder / "definitions.py").write_text(DEFINITIONS, encoding="utf-8")
    with open_workspace(folder) as workspace:
        definitions = workspace.definitions()
        workspace.apply(definitions)
        _fill(workspace)
        run = workspace.start_run("bench")
        for name, candidate in (("brought", logistic()), ("looked_up", hundred_trees())):
            workspace.training.train(
                definitions.training_set(name), [candidate], run=run, known_at=workspace.ports.clock.now()
            )
        workspace.serving.push(definitions.endpoint("linear"), [Share(model="brought.logistic")])
        workspace.serving.push(definitions.endpoint("trees"), [Share(model="looked_up.hundred_trees")])


def hundred_trees() -> Candidate:
    """A hundred trees of 15 leaves."""

    def fit(inputs: Inputs, y: Floats, signature: Signature) -> object:
        lightgbm = framework("lightgbm")
        model = lightgbm.LGBMClassifier(
            n_estimators=100, num_leaves=15, random_state=1, n_jobs=1, deterministic=True, verbosity=-1
        )
        return model.fit(matrix(signature, inputs), y)

    return Candidate(name="hundred_trees", choose=_numbers, fit=fit, needs=("lightgbm",))


def _numbers(fields: tuple[FieldSchema, ...]) -> tuple[FieldSchema, ...]:
    return tuple(field for field in fields if field.type != "string")


def _fill(workspace: Workspace) -> None:
    draw = np.random.default_rng(11)
    event = START + np.arange(_ROWS) * _SPACING
    x = draw.normal(size=(_ROWS, FIELDS)).round(3)
    amount = np.exp(draw.normal(3.0, 1.0, _ROWS)).round(2)
    loss = np.where(x[:, 0] + 0.5 * x[:, 1] + draw.normal(size=_ROWS) > 1.0, amount, 0.0)
    keys = {
        "payment": [f"p{number}" for number in range(_ROWS)],
        "card": [f"card-{number:04}" for number in draw.integers(CARDS, size=_ROWS)],
    }
    facts = workspace.definitions().facts
    paid = {f"x{number}": x[:, number] for number in range(FIELDS)}
    paid["kind"] = np.array(["shop", "web"])[draw.integers(2, size=_ROWS)]
    settled = {"loss": loss, "amount": amount}
    for fact, after, fields in (("paid", 0, paid), ("settled", HOUR, settled)):
        instants = pa.array(event + after).cast(INSTANT)
        table = pa.table({"event": instants, "known": instants, **keys, **fields})
        (receipt,) = workspace.append(pr.batch_of(facts[fact], table, known="column", source="bench", batch=fact))
        assert receipt.appended == _ROWS
