"""Use: who may build on features, and who does. Uses are written down as facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from pressroom.catalog import Catalog, Reference, may_use
from pressroom.facts import Facts, rows_as_facts
from pressroom.features.errors import NotShared
from pressroom.features.question import Question
from pressroom.features.view import View
from pressroom.values import FactSchema, FieldSchema, Instant, format_instant

How = Literal["train", "push"]

FEATURE_USE = FactSchema(
    name="feature_use",
    doc="A training set was built with a feature, or an endpoint that asks it was pushed.",
    fields=(
        FieldSchema(name="view", type="string", entity="feature_view", doc="which feature view"),
        FieldSchema(name="feature", type="string", doc="which feature of it"),
        FieldSchema(name="by", type="string", doc="the owner of what uses it; empty: nobody's"),
        FieldSchema(name="what", type="string", doc="which training set or endpoint"),
        FieldSchema(name="how", type="string", doc="train or push"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """Who uses a feature (owners, sorted), in which training sets and endpoints (sorted), and when it was last used."""

    owners: tuple[str, ...]
    whats: tuple[str, ...]
    last: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureUser:
    """A training set or endpoint that asks for features: whose it is, what it is called, what is done with it."""

    owner: str
    what: str
    how: How


def check_may_use(question: Question, user: FeatureUser, *, catalog: Catalog) -> None:
    """Raise NotShared where a view is private to another owner. As the catalog has it; else as it is defined."""
    refused: list[tuple[str, str]] = []
    for bound in question.bound():
        reference = reference_to(bound.view)
        entry = catalog.find(reference)
        owner = bound.view.owner if entry is None else entry.owner
        if not may_use(owner=owner, user=user.owner, stage=catalog.stages.of(reference)):
            refused.append((bound.view.name, owner))
    if refused:
        refused = list(dict.fromkeys(refused))
        private = " and ".join(f"{name} is private to {owner}" for name, owner in refused)
        name, owner = refused[0]
        raise NotShared(
            f"{private}: {user.what}, which is {user.owner}'s, may not use {'it' if len(refused) == 1 else 'them'}.",
            next_step=f"Ask {owner} to promote it: pressroom promote {name} --by WHO.",
        )


def record_use(question: Question, user: FeatureUser, *, facts: Facts) -> None:
    """Write down that somebody uses every feature of a question. Raises NoSpace."""
    now = facts.now()
    same = {"event": now, "known": now, "by": user.owner, "what": user.what, "how": user.how}
    used = dict.fromkeys(
        [(bound.view.name, feature) for bound in question.views for feature in bound.view.names()]
        + [(hidden.bound.view.name, feature) for hidden in question.hidden() for feature in hidden.features]
    )
    rows = [{**same, "view": view, "feature": feature} for view, feature in used]
    facts.append_checked([(FEATURE_USE, rows_as_facts(FEATURE_USE, rows))])


def uses_of(facts: Facts) -> Mapping[tuple[str, str], Uses]:
    """Who uses what so far, by view and feature."""
    table, _ = facts.read(FEATURE_USE, ["event", "view", "feature", "by", "what"])
    keys = ["view", "feature", "by", "what"]
    last = table.set_column(table.column_names.index("event"), "event", table.column("event").cast(pa.int64()))
    found: dict[tuple[str, str], Uses] = {}
    for row in last.group_by(keys).aggregate([("event", "max")]).to_pylist():
        key = (row["view"], row["feature"])
        before = found.get(key, Uses(owners=(), whats=(), last=row["event_max"]))
        found[key] = Uses(
            owners=tuple(sorted({*before.owners, row["by"]} - {""})),
            whats=tuple(sorted({*before.whats, row["what"]})),
            last=max(before.last, row["event_max"]),
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewUser:
    """An owner who uses a view: in which training sets and endpoints (sorted), and when last."""

    owner: str
    whats: tuple[str, ...]
    last: Instant

    def words(self) -> str:
        """The user as a phrase."""
        return f"{self.owner} (in {', '.join(self.whats)}, last at {format_instant(self.last)})"


def other_users(view: View, facts: Facts) -> tuple[ViewUser, ...]:
    """Everybody but its owner who has used a feature of the view, by name."""
    table, _ = facts.read(FEATURE_USE, ["event", "view", "by", "what"])
    theirs = table.filter(pc.and_(pc.equal(table.column("view"), view.name), pc.not_equal(table.column("by"), "")))
    found: dict[str, ViewUser] = {}
    for row in theirs.select(["by", "what"]).append_column("at", theirs.column("event").cast(pa.int64())).to_pylist():
        before = found.get(row["by"], ViewUser(owner=row["by"], whats=(), last=row["at"]))
        whats = tuple(sorted({*before.whats, row["what"]}))
        found[row["by"]] = ViewUser(owner=row["by"], whats=whats, last=max(before.last, row["at"]))
    return tuple(found[owner] for owner in sorted(found) if owner != view.owner)


def reference_to(view: View) -> Reference:
    """The catalog's entry of a view, as it is defined."""
    return Reference(kind="view", name=view.name, digest=view.digest())
