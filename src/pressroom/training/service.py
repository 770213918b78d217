"""The counter of the room: build a training set, train the baseline and the candidates, report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from pressroom.catalog import Catalog, Entry, Reference
from pressroom.costs import PriceBook
from pressroom.facts import Fact, Facts
from pressroom.features import AnySpine, Asked, Features, FeatureUser, Progress, check_may_use, record_use
from pressroom.flows import Run
from pressroom.models import DATA_ONLY, Permits
from pressroom.policy import Rule, decide, enforce
from pressroom.ports import Blobs, Clock, Records
from pressroom.training.candidate import Candidate, baseline
from pressroom.training.features_for import FeaturesAsked, features_asked, tables_of, whole, written
from pressroom.training.fit import fit
from pressroom.training.freeze import TrainingSet, asking_of, freeze
from pressroom.training.release import Made, Released, release
from pressroom.training.report import Contender, ModelReport, reports
from pressroom.training.rows import LABEL, SPLIT
from pressroom.training.tables.asked import TableAsked
from pressroom.training.tables.column import Table
from pressroom.training.tables.findings import roles_of
from pressroom.training.tables.prepare import prepare
from pressroom.training.tables.release_table import Desk, Lineage
from pressroom.training.tables.train_table import TableWork, train_table
from pressroom.training.tables.trained_table import TrainedTable
from pressroom.training.training_set import TrainingSetDefinition
from pressroom.values import Instant, from_document, to_document

Told = Callable[[str], None]
Progressing = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What a training left: the frozen rows, and the models side by side, the baseline first."""

    training_set: TrainingSet
    models: tuple[ModelReport, ...]
    released: tuple[Released, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """Trains in one workspace."""

    facts: Facts
    features: Features
    catalog: Catalog
    blobs: Blobs
    records: Records
    clock: Clock
    rules: tuple[Rule, ...]
    prices: PriceBook
    permits: Permits = DATA_ONLY

    def build(
        self, definition: TrainingSetDefinition, *, known_at: Instant, progress: Progressing = lambda progress: None
    ) -> tuple[TrainingSet, Reference]:
        """Freeze a training set as known at `known_at`, put it in the catalog, and write down which features it uses.

        One that was begun and cut short by buckets goes on where it was, if it is built as known at the same instant:
        see `Features.begun`. Raises PolicyRefused, NotShared, NoRows, NoSpace, Held.
        """
        self._ask_policy(definition, f"The training set {definition.name}")
        user = FeatureUser(owner=definition.owner, what=definition.name, how="train")
        check_may_use(definition.question, user, catalog=self.catalog)
        frozen = freeze(definition, features=self.features, blobs=self.blobs, known_at=known_at, told=progress)
        record_use(definition.question, user, facts=self.facts)
        return frozen, self.catalog.publish(self._entry(definition, frozen))

    def train(
        self,
        definition: TrainingSetDefinition,
        candidates: Sequence[Candidate],
        *,
        run: Run,
        known_at: Instant,
        told: Told = lambda step: None,
        progress: Progressing = lambda progress: None,
    ) -> Trained:
        """Build the training set, then fit, pack and publish the baseline and every candidate, each under a meter.

        The columns of a candidate's inputs in its rows that train have to fit in memory, and so do all columns of those
        that validate.
        """
        told("training set")
        with run.step("training_set"):
            frozen, reference = self.build(definition, known_at=known_at, progress=progress)
        validate = frozen.read(part="validate")
        made = Made(rows=validate, training_set=reference, purposes=(definition.purpose,), owner=definition.owner)
        contenders: list[Contender] = []
        released: list[Released] = []
        for candidate in (baseline(definition.baseline), *candidates):
            told(candidate.name)
            columns = [*(field.name for field in candidate.choose(frozen.inputs)), LABEL, SPLIT]
            rows = frozen.read(columns, part="train")
            fitted = fit(candidate, rows, inputs=frozen.inputs, label=frozen.label)
            run.note(f"train.{candidate.name}", fitted.usage, model=f"{definition.name}.{candidate.name}")
            with run.step(f"release.{candidate.name}", model=f"{definition.name}.{candidate.name}"):
                out = release(
                    fitted, made, catalog=self.catalog, blobs=self.blobs, clock=self.clock, permits=self.permits
                )
            released.append(out)
            contenders.append(
                Contender(
                    name=out.packed.package.name,
                    version=out.version,
                    digest=out.packed.digest,
                    evaluation=out.evaluation,
                    usage=fitted.usage,
                    us_per_row=out.packed.measured.us_per_row_alone,
                )
            )
        models = reports(contenders, self.prices)
        self._keep(definition.name, models)
        return Trained(training_set=frozen, models=models, released=tuple(released))

    def train_table(self, table: Table, asked: TableAsked, lineage: Lineage, *, run: Run) -> TrainedTable:
        """Train on a table without a definition. Raises PolicyRefused, Refused, InvalidInput: see `prepare`."""
        decision = decide(asked.purpose, labels=lineage.labels, purposes=[lineage.purposes], rules=self.rules)
        enforce(decision, what=table.source, purpose=asked.purpose)
        roles = roles_of(table, asked.target, asked.time, asked.entity, asked.known_at, asked.keep)
        with run.step("table"):
            prepared = prepare(table, roles)
        work = TableWork(
            name=asked.name,
            run=run,
            prices=self.prices,
            lineage=replace(lineage, purposes=lineage.purposes or (asked.purpose,)),
            learners=asked.learners,
            seconds=asked.seconds,
            told=asked.told,
        )
        desk = Desk(catalog=self.catalog, blobs=self.blobs, clock=self.clock, permits=self.permits)
        return train_table(prepared, work, desk)

    def features_for(
        self,
        spine: AnySpine | type[Fact],
        features: Sequence[Asked],
        *,
        purpose: str,
        owner: str = "",
        into: Path | None = None,
        progress: Progressing = lambda progress: None,
    ) -> pa.Table:
        """Features without a label, as known now: the spine's rows and a column for each feature; given rows come out
        one for one, otherwise untouched.

        With `into` they are written to a new Parquet file a block at a time, so that they need not fit in memory, and
        the table that comes back has the columns and no rows. Raises PolicyRefused, NotShared, BadSpine, NoSpace, Held.
        """
        asked = features_asked(spine, features, purpose=purpose, owner=owner)
        self._ask_policy(asked, "These features")
        user = FeatureUser(owner=owner, what="features_for", how="train")
        check_may_use(asked.question, user, catalog=self.catalog)
        asking = asked.asking(self.clock.now())
        asking = asking.known_by(self.features.begun(asking) or asking.known_at)
        with self.features.answers(asking, told=progress) as answers:
            tables = tables_of(asked, answers)
            found = whole(tables) if into is None else written(tables, into)
        record_use(asked.question, user, facts=self.facts)
        return found

    def begun(self, definition: TrainingSetDefinition) -> Instant | None:
        """As of when the training set is known that was begun by buckets and cut short; building it as known at that
        instant goes on where it was.
        """
        return self.features.begun(asking_of(definition, known_at=0))

    def report(self, name: str) -> tuple[ModelReport, ...]:
        """The models of the newest training of a training set, the baseline first; empty when there was none."""
        record = self.records.get("report", name)
        return () if record is None else from_document(record.document, tuple[ModelReport, ...])

    def _keep(self, name: str, models: tuple[ModelReport, ...]) -> None:
        record = self.records.get("report", name)
        self.records.put("report", name, to_document(models), seen=0 if record is None else record.version)

    def _ask_policy(self, asked: TrainingSetDefinition | FeaturesAsked, what: str) -> None:
        purposes = [fact.purposes for fact in asked.facts()]
        decision = decide(asked.purpose, labels=asked.labels(), purposes=purposes, rules=self.rules)
        enforce(decision, what=what, purpose=asked.purpose)

    def _entry(self, definition: TrainingSetDefinition, frozen: TrainingSet) -> Entry:
        now = self.clock.now()
        tables = [
            Entry(
                kind="fact_table",
                name=seen.fact,
                digest=seen.digest(),
                version="" if seen.table_version is None else str(seen.table_version),
                created=now,
                summary=(("table version", str(seen.table_version)), ("log position", str(seen.log_position))),
            )
            for seen in frozen.seen
        ]
        question = definition.question
        views = [Reference(kind="view", name=view.name, digest=view.digest()) for view in question.kept()]
        derived = [
            Entry(
                kind="derived",
                name=each.name,
                digest=question.meaning(each),
                version=question.meaning(each)[:12],
                created=now,
                owner=definition.owner,
                doc=each.words(),
                document=self.blobs.put(to_document(each)),
                labels=each.labels,
            )
            for each in question.derivations()
        ]
        return Entry(
            kind="training_set",
            name=definition.name,
            digest=frozen.digest,
            version=frozen.digest[:12],
            created=now,
            owner=definition.owner,
            doc=f"{definition.spine.words()}; label: {definition.label.words()}",
            document=frozen.blob,
            labels=definition.labels(),
            purposes=(definition.purpose,),
            parents=(*map(self.catalog.publish, tables), *views, *map(self.catalog.publish, derived)),
            summary=(
                ("rows", str(frozen.rows)),
                ("inputs", str(len(frozen.inputs))),
                ("keys", ", ".join(f"{key.name}={key.entity}" for key in frozen.keys)),
            ),
        )
