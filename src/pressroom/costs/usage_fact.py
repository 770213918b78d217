"""Usage as facts: what every step of every run used, written where it arises."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from pressroom.costs.usage import Usage
from pressroom.facts import Facts, rows_as_facts
from pressroom.tiers import NOTHING, Share
from pressroom.values import FactSchema, FieldSchema, Instant

USAGE = FactSchema(
    name="usage",
    doc="A step of a run, or an endpoint, used this much of a machine.",
    fields=(
        FieldSchema(name="run", type="string", entity="run", doc="which run, or which endpoint"),
        FieldSchema(name="step", type="string", doc="which step of it"),
        FieldSchema(name="outcome", type="string", doc="done, or what went wrong"),
        FieldSchema(name="cpu_s", type="float", unit="s"),
        FieldSchema(name="wall_s", type="float", unit="s"),
        FieldSchema(name="peak_bytes", type="int", unit="bytes"),
        FieldSchema(name="read_bytes", type="int", unit="bytes", optional=True, doc="null where nobody counted"),
        FieldSchema(name="written_bytes", type="int", unit="bytes", optional=True, doc="null where nobody counted"),
        FieldSchema(name="memory_byte_s", type="float", optional=True, doc="bytes held times seconds"),
        FieldSchema(name="gpu_s", type="float", unit="s", optional=True),
        FieldSchema(name="asked_cpu", type="float", optional=True, doc="cores that were kept for it"),
        FieldSchema(name="asked_bytes", type="int", unit="bytes", optional=True, doc="memory that was kept for it"),
        FieldSchema(name="asked_gpu", type="float", optional=True, doc="GPUs that were kept for it"),
        FieldSchema(name="team", type="string", optional=True, doc="who pays"),
        FieldSchema(name="flow", type="string", optional=True),
        FieldSchema(name="tier", type="string", optional=True),
        FieldSchema(name="model", type="string", optional=True, doc="which model it was for"),
        FieldSchema(name="key", type="string", optional=True, doc="digest of the key of what it made"),
        FieldSchema(name="sources", type="string", optional=True, doc="who counted each figure, as JSON"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spender:
    """On whose account use goes. `key` identifies what was made: the same made twice is work repeated."""

    team: str = ""
    flow: str = ""
    tier: str = ""
    model: str = ""
    key: str = ""


NOBODY = Spender()
Sources = Mapping[str, str]
"""Who counted a figure, by its name in `Usage`."""
NO_SOURCES: Sources = MappingProxyType({})
_MAY_LACK = frozenset({"read_bytes", "written_bytes", "memory_byte_s"})


def usage_said(  # noqa: PLR0913  (what a line of a bill is made of)
    *,
    run: str,
    step: str,
    outcome: str,
    usage: Usage,
    at: Instant,
    spender: Spender = NOBODY,
    asked: Share = NOTHING,
    sources: Sources = NO_SOURCES,
) -> dict[str, object]:
    """One usage as a fact that happened, and was known, at `at`, its fields by name; `asked` is what was kept for it
    all the while, and `sources` say who counted each figure.
    """
    kept = {"asked_cpu": asked.cpu, "asked_bytes": asked.memory_bytes, "asked_gpu": asked.gpu}
    said = {"event": at, "known": at, "run": run, "step": step, "outcome": outcome}
    told = {"sources": json.dumps(dict(sources), sort_keys=True) if sources else None}
    return {**said, **asdict(usage), **kept, **asdict(spender), **told}


def usage_row(*, run: str, step: str, outcome: str, usage: Usage, at: Instant, spender: Spender = NOBODY) -> pa.Table:
    """The same as columns, of what nothing was kept for."""
    return rows_as_facts(USAGE, [usage_said(run=run, step=step, outcome=outcome, usage=usage, at=at, spender=spender)])


def usage_in(row: Mapping[str, Any]) -> Usage:
    """The usage in a row of usage facts; what nobody counted is None, and GPU seconds that an older row lacks are 0."""
    return Usage(
        **{each.name: row[each.name] if each.name in _MAY_LACK else row[each.name] or 0 for each in fields(Usage)}
    )


def sources_in(row: Mapping[str, Any]) -> Sources:
    """Who counted each figure of a row; of older ones nobody says so."""
    return MappingProxyType(json.loads(row.get("sources") or "{}"))


def usages_of(facts: Facts, run: str = "") -> list[tuple[str, Usage]]:
    """What the steps of a run used (of all runs without a name), as (step, usage), in the order of writing."""
    table, _ = facts.read(USAGE)
    rows = table.sort_by("seq").to_pylist()
    return [(row["step"], usage_in(row)) for row in rows if (not run or row["run"] == run) and row["outcome"] != "kept"]
