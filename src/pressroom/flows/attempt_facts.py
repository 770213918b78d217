"""Runs and attempts as facts: what was asked, what came of it and why."""

from dataclasses import dataclass, fields
from typing import Any

import pyarrow as pa

from pressroom.facts import Facts
from pressroom.values import FactSchema, FieldSchema, Instant

FLOW_RUN = FactSchema(
    name="flow_run",
    doc="A run of a flow started, or ended.",
    fields=(
        FieldSchema(name="run", type="string", entity="run", doc="its name, unique"),
        FieldSchema(name="flow", type="string", doc="which flow"),
        FieldSchema(name="owner", type="string", doc="whose"),
        FieldSchema(name="file", type="string", doc="where it is declared"),
        FieldSchema(name="parameters", type="string", doc="what it was given, as JSON"),
        FieldSchema(name="state", type="string", doc="started, done, failed or cancelled"),
        FieldSchema(name="words", type="string", doc="what went wrong, or nothing"),
    ),
)
STEP_ATTEMPT = FactSchema(
    name="step_attempt",
    doc="A call of a step in a run was answered from what was kept, or an attempt at it ended.",
    fields=(
        FieldSchema(name="run", type="string", entity="run", doc="of which run"),
        FieldSchema(name="attempt", type="string", doc="its name, unique in the run"),
        FieldSchema(name="step", type="string", doc="which step"),
        FieldSchema(name="call", type="int", doc="which call of the run, from 0"),
        FieldSchema(
            name="state", type="string", doc="kept (nothing ran), done, failed, preempted, skipped or cancelled"
        ),
        FieldSchema(name="reason", type="string", doc="why it was answered from what was kept, or why not"),
        FieldSchema(name="key", type="string", doc="digest of the key"),
        FieldSchema(name="result", type="string", doc="digest of what was made", optional=True),
        FieldSchema(name="cause", type="string", doc="class of the failure", optional=True),
        FieldSchema(name="evidence", type="string", doc="what shows it", optional=True),
        FieldSchema(name="where", type="string", doc="the line that failed", optional=True),
        FieldSchema(name="advice", type="string", doc="what to try", optional=True),
        FieldSchema(name="wall_s", type="float", unit="s"),
        FieldSchema(name="cpu_s", type="float", unit="s"),
        FieldSchema(name="peak_bytes", type="int", unit="bytes"),
        FieldSchema(name="executor", type="string", doc="what it ran in", optional=True),
        FieldSchema(name="image", type="string", doc="digest of the image it ran in", optional=True),
    ),
)

RUN_PROGRESS = FactSchema(
    name="run_progress",
    doc="An attempt told how it goes: figures that it measured, a checkpoint, or trouble that it survived.",
    fields=(
        FieldSchema(name="run", type="string", entity="run", doc="of which run"),
        FieldSchema(name="attempt", type="string", doc="its name, unique in the run"),
        FieldSchema(name="step", type="string", doc="which step"),
        FieldSchema(name="kind", type="string", doc="began, measured, saved, taken up, trouble or ended"),
        FieldSchema(name="tick", type="int", doc="how much of its work was done, in batches or rounds"),
        FieldSchema(name="epoch", type="int", doc="in which epoch, from 0"),
        FieldSchema(name="figures", type="string", doc="what was measured, by name, as JSON"),
        FieldSchema(name="words", type="string", doc="what happened, or nothing"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressNote:
    """What an attempt told at an instant, while it ran."""

    run: str
    attempt: str
    step: str
    at: Instant
    kind: str
    tick: int
    epoch: int
    figures: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNote:
    """What is written of a run when it starts, and when it ends."""

    run: str
    flow: str
    owner: str
    file: str
    parameters: str
    state: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptNote:
    """What is written of an attempt when it ends."""

    run: str
    attempt: str
    step: str
    call: int
    state: str
    reason: str
    key: str
    result: str | None = None
    cause: str | None = None
    evidence: str | None = None
    where: str | None = None
    advice: str | None = None
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_bytes: int = 0
    executor: str | None = None
    image: str | None = None


_NAMES = {kind: tuple(each.name for each in fields(kind)) for kind in (RunNote, AttemptNote, ProgressNote)}


def note_said(note: RunNote | AttemptNote | ProgressNote, at: Instant) -> tuple[FactSchema, dict[str, object]]:
    """A note as a fact that was known at `at`, and happened then, its fields by name; progress at the instant that it
    tells.
    """
    said = {name: getattr(note, name) for name in _NAMES[type(note)]}
    if isinstance(note, ProgressNote):
        # Clocks of workers may be ahead: nothing is known before it happened.
        return RUN_PROGRESS, {"event": min(said.pop("at"), at), "known": at, **said}
    return FLOW_RUN if isinstance(note, RunNote) else STEP_ATTEMPT, {"event": at, "known": at, **said}


def runs_of(facts: Facts) -> list[tuple[Instant, RunNote]]:
    """Every note of every run, in the order of writing."""
    return [(at, RunNote(**row)) for at, row in _rows(facts, FLOW_RUN)]


def attempts_of(facts: Facts, run: str = "") -> list[tuple[Instant, AttemptNote]]:
    """The attempts of a run (of all without a name), in the order of writing."""
    found = [(at, AttemptNote(**row)) for at, row in _rows(facts, STEP_ATTEMPT)]
    return [(at, note) for at, note in found if not run or note.run == run]


def progress_of(facts: Facts, *runs: str) -> list[ProgressNote]:
    """What the attempts of these runs told while they ran, in the order of writing."""
    return [ProgressNote(at=at, **row) for at, row in _rows(facts, RUN_PROGRESS) if row["run"] in runs]


def _rows(facts: Facts, fact: FactSchema) -> list[tuple[Instant, dict[str, Any]]]:
    table, _ = facts.read(fact)
    table = table.sort_by("seq")
    at = table.column("event").cast(pa.int64()).to_pylist()
    names = [field.name for field in fact.fields]
    return list(zip(at, table.select(names).to_pylist(), strict=True))
