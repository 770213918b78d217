"""Training on a table of the workspace or of its user, and the endpoints that come of it, kept as data.

Nobody declared these endpoints in code: what answers, what a request brings and what will have been right is written
down with the models.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypedDict

import pyarrow as pa
import pyarrow.parquet as pq

from pressroom.catalog import Entry
from pressroom.facts import FORMATS, Facts, Label, did_you_mean
from pressroom.features import Progress, Question
from pressroom.flows import Run
from pressroom.ports import Records
from pressroom.serving import EndpointDefinition
from pressroom.training import Lineage, Table, TableAsked, TrainedTable, Training, field_names, read_table, table_of
from pressroom.values import (
    FactSchema,
    FieldSchema,
    InvalidInput,
    NotFound,
    from_document,
    parse_duration,
    snake_case,
    to_document,
)
from pressroom.workspace.definitions import Definitions
from pressroom.workspace.errors import BadDefinitions

_KIND = "table_endpoint"
_HORIZON = "365d"
"""How long after an answer its outcome may be appended."""


class TableHow(TypedDict, total=False):
    """What may be said of a training on a table beside its target, as in `TableAsked`."""

    name: str
    time: str
    entity: str
    known_at: tuple[str, ...]
    keep: tuple[str, ...]
    zone: str | None
    seconds: float
    learners: tuple[str, ...]
    purpose: str
    owner: str
    told: Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEndpoint:
    """An endpoint that came of a table, and the model that was picked for it."""

    definition: EndpointDefinition
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableTraining:
    """The counter of tables: finds the rows, has them trained on, and keeps what can be pushed."""

    training: Training
    facts: Facts
    records: Records
    fact: Callable[[str], FactSchema]
    declared: Callable[[], Definitions]
    publish: Callable[[FactSchema], None]

    def train(self, rows: Any, asked: TableAsked, run: Run) -> TrainedTable:
        """Train on `rows`: a file, the name of a fact type or training set, or a table. Raises NotFound, and what
        reading and training refuse.
        """
        table, lineage, asked = self._settled(rows, asked)
        asked = replace(asked, name=asked.name or field_names([_stem(rows, asked)])[0])
        self._refuse_declared(asked.name)
        trained = self.training.train_table(table, asked, lineage, run=run)
        for endpoint in _endpoints(trained, asked, lineage):
            name = endpoint.definition.name
            record = self.records.get(_KIND, name)
            self.records.put(_KIND, name, to_document(endpoint), seen=0 if record is None else record.version)
        if trained.entity:
            self.publish(outcome_fact(trained))
        return trained

    def endpoint(self, name: str) -> TableEndpoint | None:
        """What was kept under the name of an endpoint; None where no table was trained on under it.

        Raises NotFound for the name of a training whose classes each have an endpoint.
        """
        record = self.records.get(_KIND, name)
        if record is not None:
            return from_document(record.document, TableEndpoint)
        classes = [one.key for one in self.records.query(_KIND, prefix=f"{name}.is_")]
        if classes:
            raise NotFound(
                f"{name} tells {len(classes)} classes apart, and an endpoint answers with one chance.",
                next_step=f"Push one of {', '.join(classes)}.",
            )
        return None

    def _refuse_declared(self, name: str) -> None:
        """Refuse a name that stands in the project's definitions; without a file of these there is none."""
        try:
            declared = self.declared()
        except BadDefinitions:
            return
        if name in declared.training_sets or name in declared.endpoints:
            raise InvalidInput(
                f"{name!r} stands in the project's definitions already.", next_step="Choose another: --name NAME."
            )

    def _settled(self, rows: Any, asked: TableAsked) -> tuple[Table, Lineage, TableAsked]:
        """The table, where it comes from, and what is asked of it by default."""
        plain = Lineage(owner=asked.owner)
        if not isinstance(rows, str | Path):
            return table_of(_as_arrow(rows), source="the table", zone=asked.zone), plain, asked
        path = Path(rows)
        if path.suffix.lower() in FORMATS or path.is_file():
            return read_table(path, zone=asked.zone), plain, asked
        name = str(rows)
        if self.training.catalog.pointer("fact", snake_case(name)) is not None:
            return self._of_fact(self.fact(snake_case(name)), asked)
        sets = self.training.catalog.entries("training_set", name)
        if sets:
            return self._of_training_set(max(sets, key=lambda entry: entry.created), asked)
        known = [
            *self.training.catalog.names("fact"),
            *{entry.name for entry in self.training.catalog.entries("training_set")},
        ]
        raise NotFound(
            f"{name!r} is no file, and no fact type or training set of this workspace is called so.",
            next_step=did_you_mean(name, known)
            if known
            else f"Name a file that ends in one of {', '.join(sorted(FORMATS))}.",
        )

    def _of_fact(self, fact: FactSchema, asked: TableAsked) -> tuple[Table, Lineage, TableAsked]:
        """The facts of a type. As of `known`, all of a fact is known; as of `event`, nothing that is known later."""
        rows, _ = self.facts.read(fact)
        labels = {field.name: field.labels for field in fact.fields}
        table = table_of(rows, source=fact.name, zone=asked.zone, labels=labels)
        entry = self.training.catalog.current("fact", fact.name)
        lineage = Lineage(
            parents=(entry.reference(),), labels=_together(labels.values()), purposes=fact.purposes, owner=asked.owner
        )
        name = asked.name or field_names([f"{fact.name}_{asked.target}"])[0]
        if asked.time == "event" and "known" in rows.column_names:
            later = tuple(
                f"{field.name}=known" for field in fact.fields if field.name not in (asked.target, asked.entity)
            )
            return table, lineage, replace(asked, name=name, known_at=(*later, *asked.known_at))
        return table, lineage, replace(asked, name=name, time=asked.time or "known")

    def _of_training_set(self, entry: Entry, asked: TableAsked) -> tuple[Table, Lineage, TableAsked]:
        """The frozen rows, all of them: they are split anew."""
        with self.training.blobs.open(entry.document) as file:
            rows = pq.read_table(file)
        if "split" in rows.column_names:
            rows = rows.drop_columns(["split"])
        table = table_of(rows, source=entry.name, zone=asked.zone)
        lineage = Lineage(
            parents=(entry.reference(),), labels=entry.labels, purposes=entry.purposes, owner=asked.owner or entry.owner
        )
        time = asked.time or ("as_of" if "as_of" in rows.column_names else "")
        name = asked.name or field_names([f"{entry.name}_{asked.target}"])[0]
        return table, lineage, replace(asked, time=time, name=name)


def outcome_fact(trained: TrainedTable) -> FactSchema:
    """What happens after an answer, to be appended later: `NAME.outcome`, about the entity where there is one."""
    target = field_names([trained.task.target])[0]
    key = FieldSchema(name=trained.entity, type="string", entity=trained.entity)
    return FactSchema(
        name=f"{trained.name}.outcome",
        doc=f"What {trained.task.target} turned out to be.",
        fields=(
            *((key,) if trained.entity else ()),
            FieldSchema(name=target, type="float", doc=trained.task.words()),
        ),
    )


def _endpoints(trained: TrainedTable, asked: TableAsked, lineage: Lineage) -> list[TableEndpoint]:
    fact = outcome_fact(trained)
    label = Label(fact=fact, field=fact.fields[-1].name, within_us=parse_duration(_HORIZON))
    key = fact.key_fields()
    question = Question(keys=key, views=(), request=trained.inputs)
    models = dict.fromkeys(trained.endpoints, trained.winner().full_name)
    if trained.classes:
        models = {name: name for name in trained.endpoints}
    return [
        TableEndpoint(
            definition=EndpointDefinition(
                name=endpoint,
                question=question,
                label=label,
                label_key=key[0].name if key else "",
                training_set=trained.name,
                purpose=asked.purpose,
                owner=lineage.owner,
            ),
            model=model,
        )
        for endpoint, model in models.items()
    ]


def _as_arrow(rows: Any) -> pa.Table:
    if isinstance(rows, pa.Table | dict) or hasattr(rows, "__arrow_c_stream__"):
        return rows if isinstance(rows, pa.Table) else pa.table(rows)
    raise InvalidInput(
        f"Rows in a {type(rows).__name__} have no names.",
        next_step="Give a file, an Arrow table, a data frame, or a dict of columns.",
    )


def _stem(rows: Any, asked: TableAsked) -> str:
    return Path(rows).stem if isinstance(rows, str | Path) else asked.target


def _together(labels: Any) -> tuple[str, ...]:
    return tuple(sorted({label for each in labels for label in each}))
