"""The counter of the room: build a training set, train the baseline and the candidates, report."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pressroom.catalog import Catalog, Entry, Reference
from pressroom.costs import PriceBook
from pressroom.facts import Facts
from pressroom.features import Features, FeatureUser, check_may_use, record_use
from pressroom.flows import Run
from pressroom.models import DATA_ONLY, Permits
from pressroom.policy import Rule, decide, enforce
from pressroom.ports import Blobs, Clock, Records
from pressroom.training.candidate import Candidate, baseline
from pressroom.training.fit import fit
from pressroom.training.freeze import TrainingSet, freeze
from pressroom.training.release import Made, Released, release
from pressroom.training.report import Contender, ModelReport, reports
from pressroom.training.training_set import TrainingSetDefinition
from pressroom.values import Instant, from_document, to_document

Told = Callable[[str], None]


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

    def build(self, definition: TrainingSetDefinition, *, known_at: Instant) -> tuple[TrainingSet, Reference]:
        """Freeze a training set as known at `known_at`, put it in the catalog, and write down which features it uses.

        Raises PolicyRefused, NotShared, NoRows.
        """
        self._ask_policy(definition)
        user = FeatureUser(owner=definition.owner, what=definition.name, how="train")
        check_may_use(definition.question, user, catalog=self.catalog)
        frozen = freeze(definition, facts=self.facts, features=self.features, blobs=self.blobs, known_at=known_at)
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
    ) -> Trained:
        """Build the training set, then fit, pack and publish the baseline and every candidate, each under a meter."""
        told("training set")
        with run.step("training_set"):
            frozen, reference = self.build(definition, known_at=known_at)
        made = Made(rows=frozen.table, training_set=reference, purposes=(definition.purpose,), owner=definition.owner)
        contenders: list[Contender] = []
        released: list[Released] = []
        for candidate in (baseline(definition.baseline), *candidates):
            told(candidate.name)
            fitted = fit(candidate, frozen.table, inputs=frozen.inputs, label=frozen.label)
            run.note(f"train.{candidate.name}", fitted.usage)
            with run.step(f"release.{candidate.name}"):
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

    def report(self, name: str) -> tuple[ModelReport, ...]:
        """The models of the newest training of a training set, the baseline first; empty when there was none."""
        record = self.records.get("report", name)
        return () if record is None else from_document(record.document, tuple[ModelReport, ...])

    def _keep(self, name: str, models: tuple[ModelReport, ...]) -> None:
        record = self.records.get("report", name)
        self.records.put("report", name, to_document(models), seen=0 if record is None else record.version)

    def _ask_policy(self, definition: TrainingSetDefinition) -> None:
        facts = (*definition.question.facts(), definition.spine.fact, definition.label.fact)
        decision = decide(
            definition.purpose,
            labels=definition.labels(),
            purposes=[fact.purposes for fact in facts],
            rules=self.rules,
        )
        enforce(decision, what=f"The training set {definition.name}", purpose=definition.purpose)

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
        views = [
            Reference(kind="view", name=bound.view.name, digest=bound.view.digest())
            for bound in definition.question.views
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
            parents=(*map(self.catalog.publish, tables), *views),
            summary=(("rows", str(frozen.table.num_rows)), ("inputs", str(len(frozen.inputs)))),
        )
