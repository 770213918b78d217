"""A small project that several folders of tests share: a shop's orders, and whether they are delivered late.

Rows are the same in every run. Workspaces are in memory unless a folder is given.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import pyarrow as pa

from pressroom.backends.memory.blobs import MemoryBlobs
from pressroom.backends.memory.keys import MemoryKeys
from pressroom.backends.memory.log import MemoryLog
from pressroom.backends.memory.records import MemoryRecords
from pressroom.backends.memory.tables import MemoryTables
from pressroom.facts import Batch, KnownRule, RawBatch, Receipt, arrow_schema
from pressroom.models import MeanBy
from pressroom.ports import Clock
from pressroom.testing.clock import TurnedClock
from pressroom.training import Candidate, Trained
from pressroom.values import FactSchema, parse_instant
from pressroom.workspace import Definitions, Settings, Workspace, load_definitions
from pressroom.workspace.assembly import Ports

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = parse_instant("2025-03-01T00:00Z")
END = parse_instant("2025-04-10T00:00Z")
ORDERS = 400

DEFINITIONS = '''"""Orders of a shop, and whether they are delivered late."""

import pressroom as pr


class Order(pr.Entity):
    """An order."""


class Customer(pr.Entity):
    """Who orders."""


class Quarter(pr.Entity):
    """A part of town."""


class Placed(pr.Fact):
    """An order was placed."""

    order: pr.Key[Order]
    customer: pr.Key[Customer] = pr.field(optional=True)
    quarter: pr.Key[Quarter]
    distance: pr.Float = pr.field(unit="km")
    pieces: pr.Int
    gift: pr.Bool
    channel: pr.String
    promised: pr.Timestamp
    voucher: pr.String = pr.field(optional=True)


class Delivered(pr.Fact):
    """An order was handed over."""

    order: pr.Key[Order]
    customer: pr.Key[Customer] = pr.field(optional=True)
    quarter: pr.Key[Quarter]
    delay: pr.Float = pr.field(unit="min", doc="actual minus promised")


class Habit(pr.FeatureView, entity=Customer, owner="shop"):
    """How this customer's orders went."""

    deliveries_7d = Delivered.count(window="7d")
    delay_7d = Delivered.delay.mean(window="7d")
    last_delay = Delivered.delay.last()


class Traffic(pr.FeatureView, entity=Quarter, owner="shop"):
    """How deliveries to this quarter went."""

    deliveries_12h = Delivered.count(window="12h")
    delay_12h = Delivered.delay.mean(window="12h")
    age = Delivered.age(ttl="2d")


late = pr.training_set(
    "late",
    spine=Placed,
    features=[
        Habit,
        Traffic,
        pr.request(Placed.distance, Placed.pieces, Placed.gift, Placed.channel, Placed.promised, Placed.voucher),
    ],
    label=Delivered.delay.next(within="24h", by=Delivered.order) > 10,
    split=pr.split_by_time(train_until="2025-03-28T00:00Z", validate_until="2025-04-10T00:00Z"),
    purpose="operations",
    baseline=[Placed.channel],
    owner="shop",
)

risk = pr.endpoint("risk", answers=late)

trial = pr.experiment("trial", on=risk, unit=Placed.customer, treatment="by_pieces")
'''


def write_project(folder: Path, *, settings: str = "", definitions: str = DEFINITIONS) -> Path:
    """A workspace's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pressroom.toml").write_text(settings, encoding="utf-8")
    (folder / "definitions.py").write_text(definitions, encoding="utf-8")
    return folder


def declared(folder: Path, definitions: str = DEFINITIONS) -> Definitions:
    """What a project declares."""
    return load_definitions(write_project(folder, definitions=definitions) / "definitions.py")


def in_memory(*, clock: Clock | None = None, settings: Settings | None = None) -> Workspace:
    """A workspace that is gone with the process; its clock stands at the end of the history."""
    ports = Ports(
        blobs=MemoryBlobs(),
        records=MemoryRecords(),
        tables=MemoryTables(),
        keys=MemoryKeys(),
        log=MemoryLog(),
        clock=clock or TurnedClock(END),
    )
    return Workspace(settings=settings or Settings(folder=Path("nowhere")), ports=ports)


def placed_rows(count: int = ORDERS) -> list[dict[str, object]]:
    """Orders, one every 144 minutes; the newest ones of the history are not delivered yet."""
    draw = Random(20250301)
    return [
        {
            "event": START + number * 144 * MINUTE,
            "known": START + number * 144 * MINUTE,
            "order": f"o{number}",
            "customer": None if number % 29 == 7 else f"c{draw.randrange(60)}",
            "quarter": f"q{draw.randrange(4)}",
            "distance": round(draw.uniform(0.2, 8.0), 2),
            "pieces": draw.randrange(1, 6),
            "gift": draw.random() < 0.2,
            "channel": draw.choice(["web", "phone", "shop"]),
            "promised": START + number * 144 * MINUTE + 2 * HOUR,
            "voucher": None if number % 3 else f"v{number % 5}",
        }
        for number in range(count)
    ]


def delivered_rows(placed: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """What became of orders: more pieces, more delay. Known ten minutes later; a few are never heard of."""
    draw = Random(20250302)
    rows: list[dict[str, object]] = []
    for number, order in enumerate(placed):
        delay = round(draw.gauss(4.0 * int(str(order["pieces"])) - 2.0, 8.0), 1)
        event = int(str(order["event"])) + 2 * HOUR + int(delay * MINUTE)
        if number % 41 != 11 and event + 10 * MINUTE <= END:
            keys = {name: order[name] for name in ("order", "customer", "quarter")}
            rows.append({"event": event, "known": event + 10 * MINUTE, **keys, "delay": delay})
    return rows


def table_of(fact: FactSchema, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    """Rows as the fact's columns; `known` is the event where it is not said."""
    full = [{"known": row["event"], **row} for row in rows]
    schema = arrow_schema(fact)
    return pa.table(
        {
            field.name: pa.array([row.get(field.name) for row in full], pa.int64()).cast(field.type)
            if pa.types.is_timestamp(field.type)
            else pa.array([row.get(field.name) for row in full], field.type)
            for field in schema
        }
    )


def batch_of(fact: FactSchema, rows: Sequence[Mapping[str, object]], *, name: str = "") -> Batch:
    """A batch to append."""
    raw = RawBatch(table=table_of(fact, rows))
    return Batch(fact=fact, raw=raw, known=KnownRule(kind="column"), source="test", batch=name)


def append(workspace: Workspace, fact: FactSchema, rows: Sequence[Mapping[str, object]], *, name: str = "") -> Receipt:
    """Append rows, all of which must be right."""
    (receipt,) = workspace.append(batch_of(fact, rows, name=name))
    assert receipt.set_aside == 0
    return receipt


def fill(workspace: Workspace, definitions: Definitions) -> None:
    """Apply the definitions and append the whole history."""
    workspace.apply(definitions)
    placed = placed_rows()
    append(workspace, definitions.facts["placed"], placed, name="placed")
    append(workspace, definitions.facts["delivered"], delivered_rows(placed), name="delivered")


def mean_by(name: str, *keys: str, prior_weight: float = 5.0) -> Candidate:
    """A candidate that needs no framework: the mean label of each combination of some inputs."""
    return Candidate(
        name=name,
        choose=lambda inputs: tuple(field for field in inputs if field.name in keys),
        fit=lambda inputs, y, signature: MeanBy(keys=signature.names(), prior_weight=prior_weight).fit(inputs, y),
    )


BY_PIECES = mean_by("by_pieces", "pieces")
BY_TRAFFIC = mean_by("by_traffic", "traffic.deliveries_12h", "pieces")


def train(workspace: Workspace, definitions: Definitions, *candidates: Candidate, known_at: int = END) -> Trained:
    """Train the baseline and the candidates."""
    run = workspace.start_run("test")
    return workspace.training.train(definitions.training_set("late"), candidates, run=run, known_at=known_at)


def ready(folder: Path, *, settings: Settings | None = None) -> tuple[Workspace, Definitions]:
    """A workspace in memory with the history in it, and three models; `folder` takes the definitions."""
    definitions = declared(folder)
    workspace = in_memory(settings=settings)
    fill(workspace, definitions)
    train(workspace, definitions, BY_PIECES, BY_TRAFFIC)
    return workspace, definitions


def request_row(number: int = 0, **changes: object) -> dict[str, object]:
    """A row as a client sends it, for the project's endpoint."""
    row: dict[str, object] = {
        "order": f"n{number}",
        "customer": f"c{number % 60}",
        "quarter": f"q{number % 4}",
        "distance": 1.5,
        "pieces": 1 + number % 5,
        "gift": False,
        "channel": ("web", "phone", "shop")[number % 3],
        "promised": "2025-04-10T12:00Z",
        "voucher": None,
    }
    return {**row, **changes}
