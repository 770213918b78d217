"""One user and a thousand candidates, asked of the server in one request: what depends on the user alone is done once.

Against the same request to the same models where each row is answered for itself: features row by row, models whole.
"""

import asyncio
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

import pressroom as pr
from benchmarks.case import Case, medians
from benchmarks.serving_project import HOUR, START, hundred_trees
from pressroom.doors.inference.wire import Incoming
from pressroom.doors.inference.worker import Worker
from pressroom.facts import INSTANT
from pressroom.serving import Share
from pressroom.training import logistic
from pressroom.values import FactSchema
from pressroom.workspace import Workspace, open_workspace

CANDIDATES = 1_000
_USERS, _ROWS = 200, 20_000

DEFINITIONS = '''"""Offers to users, and what they took."""

import pressroom as pr


class Offer(pr.Entity):
    """One offer."""


class User(pr.Entity):
    """Who is asked."""


class Item(pr.Entity):
    """What is offered."""


class Offered(pr.Fact):
    """An item was offered to a user."""

    offer: pr.Key[Offer]
    user: pr.Key[User]
    item: pr.Key[Item]
    place: pr.Float


class Taken(pr.Fact):
    """What became of an offer."""

    offer: pr.Key[Offer]
    user: pr.Key[User]
    item: pr.Key[Item]
    spent: pr.Float


class Taste(pr.FeatureView, entity=User, owner="bench"):
    """What this user took."""

    offers_30d = Taken.count(window="30d")
    spent_1d = Taken.spent.sum(window="1d")
    spent_7d = Taken.spent.mean(window="7d")
    spent_30d = Taken.spent.mean(window="30d")
    largest_30d = Taken.spent.max(window="30d")
    last_spent = Taken.spent.last()


class Appeal(pr.FeatureView, entity=Item, owner="bench"):
    """How this item went."""

    offers_7d = Taken.count(window="7d")
    offers_30d = Taken.count(window="30d")
    spent_7d = Taken.spent.mean(window="7d")
    spent_30d = Taken.spent.mean(window="30d")
    largest_30d = Taken.spent.max(window="30d")
    last_spent = Taken.spent.last()


taking = pr.training_set(
    "taking", spine=Offered, features=[Taste.on(Offered.user), Appeal.on(Offered.item), pr.request(Offered.place)],
    label=Taken.spent.next(within="2h", by=Taken.offer) > 5,
    split=pr.split_by_time(train_until="2025-05-01T00:00Z", validate_until="2025-06-01T00:00Z"),
    purpose="offers", owner="bench", baseline=[Offered.place],
)
trees = pr.endpoint("trees", answers=taking, deadline="5s")
linear = pr.endpoint("linear", answers=taking, deadline="5s")
'''


def cases(runs: int) -> list[Case]:
    """A hundred trees, and a logistic regression."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _workspace(folder) as workspace:
            worker = Worker(workspace, version="bench")
            try:
                return [
                    _case(worker, runs, "trees", "100 trees", 1.0),
                    _case(worker, runs, "linear", "LR", 1.0),
                ]
            finally:
                worker.close()


def _case(worker: Worker, runs: int, endpoint: str, words: str, target: float) -> Case:
    rows = [
        {"offer": f"o{place}", "user": "u7", "item": f"i{place:04}", "place": float(place % 20)}
        for place in range(CANDIDATES)
    ]
    body = json.dumps({"rows": rows}).encode()
    asked = Incoming(method="POST", path=f"/v1/endpoints/{endpoint}:predict", headers=dict[str, str](), body=body)
    predictor = worker.live.predictor(endpoint)
    loop = asyncio.new_event_loop()

    def once() -> list[float]:
        return _predictions(loop.run_until_complete(worker.answering.respond(asked)).body)

    def each() -> list[float]:
        fewest, predictor.fewest_shared = predictor.fewest_shared, CANDIDATES + 1
        try:
            return once()
        finally:
            predictor.fewest_shared = fewest

    np.testing.assert_allclose(once(), each(), atol=1e-6)
    ours, limit = medians(runs, once, each)
    loop.close()
    name = f"{words}, 1 user x {CANDIDATES:,} candidates in a request, over each row for itself"
    return Case(name=name, unit="ms", ours=ours * 1e3, limit=limit * 1e3, target=target)


def _predictions(body: bytes) -> list[float]:
    return [one["prediction"] for one in json.loads(body)["predictions"]]


def _workspace(folder: Path) -> Workspace:
    (folder / "pressroom.toml").write_text("", encoding="utf-8")
    (folder / "definitions.py").write_text(DEFINITIONS, encoding="utf-8")
    workspace = open_workspace(folder)
    definitions = workspace.definitions()
    workspace.apply(definitions)
    _fill(workspace)
    run = workspace.start_run("bench")
    workspace.training.train(
        definitions.training_set("taking"), [logistic(), hundred_trees()], run=run, known_at=workspace.ports.clock.now()
    )
    for name, model in (("trees", "taking.hundred_trees"), ("linear", "taking.logistic")):
        workspace.serving.push(definitions.endpoint(name), [Share(model=model)])
    return workspace


def _fill(workspace: Workspace) -> None:
    draw = np.random.default_rng(5)
    event = START + np.arange(_ROWS) * (HOUR // 8)
    taste = draw.normal(size=_USERS)
    users, items = draw.integers(_USERS, size=_ROWS), draw.integers(CANDIDATES, size=_ROWS)
    keys = {
        "offer": [f"p{number}" for number in range(_ROWS)],
        "user": [f"u{number}" for number in users],
        "item": [f"i{number:04}" for number in items],
    }
    spent = np.maximum(0.0, 5 * taste[users] + 3 * np.sin(items) + draw.normal(size=_ROWS) * 4).round(2)
    facts = workspace.definitions().facts
    for fact, after, fields in (("offered", 0, {"place": users * 0.1}), ("taken", HOUR, {"spent": spent})):
        _append(workspace, facts[fact], event + after, keys, fields, fact)


def _append(
    workspace: Workspace,
    fact: FactSchema,
    event: "np.ndarray[tuple[int], np.dtype[np.int64]]",
    keys: dict[str, list[str]],
    fields: Mapping[str, object],
    name: str,
) -> None:
    instants = pa.array(event).cast(INSTANT)
    table = pa.table({"event": instants, "known": instants, **keys, **fields})
    (receipt,) = workspace.append(pr.batch_of(fact, table, known="column", source="bench", batch=name))
    assert receipt.appended == _ROWS
