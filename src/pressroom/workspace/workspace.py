"""The workspace: a folder, opened. Every door works through one of these."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack

import pyarrow as pa

from pressroom.catalog import Catalog
from pressroom.costs import PriceBook
from pressroom.experiments import Experiments
from pressroom.facts import Batch, Fact, Facts, Receipt, Upkeep
from pressroom.features import AnySpine, Asked, Features, LargerThanMemory, View
from pressroom.flows import Backfills, Flows, Money, Run, Schedules, Turns, start_run
from pressroom.models import Limits, Models, Permits
from pressroom.monitoring import Monitoring, ParityReport
from pressroom.ports import Clock
from pressroom.serving import Serving
from pressroom.training import Preflight, Rung, TableAsked, TrainedTable, Training
from pressroom.values import FactSchema
from pressroom.workspace.accounts import Accounts
from pressroom.workspace.applied import Applied
from pressroom.workspace.assembly import DATA, Ports, embedded, larger_than_memory, scratch_keys, turns_of
from pressroom.workspace.backfills import backfills_of
from pressroom.workspace.broken_consumers import broken_consumers, lost_by
from pressroom.workspace.chores import Chores
from pressroom.workspace.definitions import Definitions, load_definitions
from pressroom.workspace.executors import places_of
from pressroom.workspace.following import Following
from pressroom.workspace.forget import Forgetting
from pressroom.workspace.housekeeping import housekeeping
from pressroom.workspace.mentions import Mentions
from pressroom.workspace.plan import Plan, plan
from pressroom.workspace.preflight import preflight_in
from pressroom.workspace.promote import refuse_broken_promises
from pressroom.workspace.schedules import outbox_of, schedules_of
from pressroom.workspace.settings import Settings, read_settings
from pressroom.workspace.sharing import Sharing
from pressroom.workspace.tokens import Tokens
from pressroom.workspace.train_table import TableHow, TableTraining


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """The rooms' counters over one set of backends. Use it as a context manager, or close it."""

    settings: Settings
    ports: Ports
    larger: LargerThanMemory | None = None
    """For answers that do not fit in memory; None: all are worked out in memory."""

    def __enter__(self) -> "Workspace":
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Give back processes, files and connections."""
        self.flows.close()
        self.accounts.generation.flush()
        if "turns" in vars(self):
            self.turns.close()
        if self.larger is not None:
            self.larger.workers.close()
        self.ports.close()

    @cached_property
    def catalog(self) -> Catalog:
        """What exists."""
        return Catalog(self.ports.records)

    @cached_property
    def applied(self) -> Applied:
        """The definitions that are in force."""
        return Applied(catalog=self.catalog, blobs=self.ports.blobs, clock=self.ports.clock)

    @cached_property
    def facts(self) -> Facts:
        """What happened."""
        ports = self.ports
        return Facts(log=ports.log, tables=ports.tables, records=ports.records, clock=ports.clock)

    @cached_property
    def upkeep(self) -> Upkeep:
        """The tables kept small and tidy."""
        return Upkeep(tables=self.ports.tables, records=self.ports.records)

    @cached_property
    def chores(self) -> Chores:
        """What has to be done every so often."""
        due = housekeeping(
            self.settings.upkeep,
            settle=self.settle,
            upkeep=self.upkeep,
            facts=self.facts,
            catalog=self.catalog,
            fact=self.fact,
            sweep=lambda keep_us: self.flows.sweep(keep_us=keep_us),
        )
        return Chores(due, records=self.ports.records, clock=self.ports.clock)

    @cached_property
    def forgetting(self) -> Forgetting:
        """A subject out of every store."""
        ports = self.ports
        return Forgetting(
            catalog=self.catalog,
            facts=self.facts,
            features=self.features,
            upkeep=self.upkeep,
            mentions=Mentions(catalog=self.catalog, serving=self.serving, blobs=ports.blobs),
            blobs=ports.blobs,
            records=ports.records,
            clock=ports.clock,
            settle=self.settle,
            data=self.settings.folder / DATA,
        )

    @cached_property
    def features(self) -> Features:
        """Facts turned into columns."""
        return Features(facts=self.facts, keys=self.ports.keys, larger=self.larger)

    @cached_property
    def training(self) -> Training:
        """From facts to models."""
        return Training(
            facts=self.facts,
            features=self.features,
            catalog=self.catalog,
            blobs=self.ports.blobs,
            records=self.ports.records,
            clock=self.ports.clock,
            rules=self.settings.rules,
            prices=self.prices,
            permits=self.permits,
        )

    @cached_property
    def tables(self) -> TableTraining:
        """From a table and the name of a column to an endpoint."""
        return TableTraining(
            training=self.training,
            facts=self.facts,
            records=self.ports.records,
            fact=self.fact,
            declared=self.definitions,
            publish=self.applied.enter_fact,
        )

    @cached_property
    def models(self) -> Models:
        """Trained things, and what may be opened."""
        return Models(catalog=self.catalog, blobs=self.ports.blobs, clock=self.ports.clock, permits=self.permits)

    @cached_property
    def permits(self) -> Permits:
        """What may be loaded here beyond data: types that the settings allow, and code that its owner signed for."""
        told = self.settings.models
        limits = Limits(memory_bytes=told.memory_bytes, request_s=float(told.request_s), half_fenced=told.half_fenced)
        return Permits(types=told.allowed_types, trusted=self.catalog.trusts.has, limits=limits)

    @cached_property
    def serving(self) -> Serving:
        """From models to answers."""
        return Serving(
            catalog=self.catalog,
            blobs=self.ports.blobs,
            facts=self.facts,
            features=self.features,
            clock=self.ports.clock,
            rules=self.settings.rules,
            permits=self.permits,
            image=self.settings.server.image,
        )

    @cached_property
    def tokens(self) -> Tokens:
        """Who may ask the server."""
        return Tokens(self.ports.records, self.ports.clock)

    @cached_property
    def experiments(self) -> Experiments:
        """From answers to decisions."""
        return Experiments(
            catalog=self.catalog,
            facts=self.facts,
            features=self.features,
            serving=self.serving,
            clock=self.ports.clock,
        )

    @cached_property
    def monitoring(self) -> Monitoring:
        """What is, compared with what was promised."""
        return Monitoring(facts=self.facts, features=self.features)

    @cached_property
    def flows(self) -> Flows:
        """Work in steps."""
        return Flows(
            facts=self.facts,
            records=self.ports.records,
            blobs=self.ports.blobs,
            clock=self.ports.clock,
            places=places_of(self.settings),
            folder=self.settings.folder / DATA / "runs",
            turns=lambda: self.turns,
            money=Money(budgets=self.settings.machine.budgets, book=self.accounts.book, facts=self.facts),
            outbox=outbox_of(self.settings, self.ports),
        )

    @cached_property
    def schedules(self) -> Schedules:
        """Flows that run by themselves."""
        return schedules_of(self.settings, ports=self.ports, periods=self.backfills.tools)

    @cached_property
    def backfills(self) -> Backfills:
        """Flows over many periods."""
        return backfills_of(self.settings, ports=self.ports, facts=self.facts, fact=self.fact, flows=self.flows)

    @cached_property
    def turns(self) -> Turns:
        """The queue of the machine that runs share."""
        return turns_of(self.settings, self.ports.clock)

    @cached_property
    def accounts(self) -> Accounts:
        """Who used what, and what that cost."""
        return Accounts(self.settings, facts=self.facts, ports=self.ports)

    @cached_property
    def sharing(self) -> Sharing:
        """What teams offer each other."""
        return Sharing(
            catalog=self.catalog, facts=self.facts, features=self.features, views=self.views, scratch=scratch_keys
        )

    @cached_property
    def prices(self) -> PriceBook:
        """The price book in force."""
        return self.accounts.book(self.ports.clock.now())

    def definitions(self) -> Definitions:
        """What the project's file declares. Raises BadDefinitions."""
        return load_definitions(self.settings.folder / self.settings.project.definitions)

    def start_run(self, flow: str, *, team: str = "") -> Run:
        """A metered run of a flow, on the account of a team."""
        return start_run(flow, facts=self.facts, clock=self.ports.clock, team=team)

    def fact(self, name: str) -> FactSchema:
        """An applied fact type, by its name. Raises UnknownFact with the nearest name."""
        return self.applied.fact(name)

    def views(self) -> list[View]:
        """The applied views, which are kept online, with the words and promises that are in force."""
        return self.applied.views()

    def plan(self, definitions: Definitions) -> Plan:
        """What applying would change."""
        facts = {name: self.fact(name) for name in self.catalog.names("fact")}
        said = {view.name: view for view in self.views()}
        reworded = [name for name, view in definitions.views.items() if name in said and said[name] != view]
        lost = lost_by(definitions, said)
        planned = plan(definitions, facts=facts, views=self.catalog.in_use("view"), reworded=reworded, lost=lost)
        return replace(planned, broken=broken_consumers(definitions, lost, self.catalog, self.serving))

    def apply(self, definitions: Definitions) -> Plan:
        """Put definitions in force: publish facts and views, and fill new views from the facts there are."""
        done = self.plan(definitions)
        for view in definitions.views.values():
            refuse_broken_promises(view, catalog=self.catalog)
        for fact in definitions.facts.values():
            self.applied.enter_fact(fact)
        for view in definitions.views.values():
            self.applied.enter_view(view)
        self.follow()
        return done

    def append(self, *batches: Batch) -> list[Receipt]:
        """Append facts in one durable step, and bring the online features up to date with them."""
        receipts = self.facts.append(*batches)
        self.follow()
        return receipts

    def mend(self, batch: Batch, *, of: str) -> Receipt:
        """Append mended rows of a batch that were set aside, and bring the online features up to date with them."""
        receipt = self.facts.mend(batch, of=of)
        self.follow()
        return receipt

    def follow(self) -> int:
        """Bring the online features up to the end of the log; how many facts were applied."""
        with self.accounts.generation.counted():
            return self.features.follow(self.applied.followed(self.serving))

    def following(self) -> Following:
        """A thread that brings the online features up to date whenever it is woken. Close it."""
        return Following(self.follow)

    def features_for(
        self,
        spine: AnySpine | type[Fact],
        features: Sequence[Asked],
        *,
        purpose: str,
        owner: str = "",
        into: Path | None = None,
    ) -> pa.Table:
        """Features without a label, as known now: the rows of a spine (`pr.spine(table, ...)`, a fact type,
        `pr.every(...)`), and a column for each feature. With `into` they go to a Parquet file, and need not fit in
        memory. Raises PolicyRefused, NotShared, BadSpine.
        """
        return self.training.features_for(spine, features, purpose=purpose, owner=owner, into=into)

    def train_table(self, table: Any, *, target: str, **how: Unpack[TableHow]) -> TrainedTable:
        """Train on a table without any definition: a file, a data frame, or the name of a fact type or training set.
        What comes of it can be pushed. `how` is as in `TableAsked`. Raises what it refuses, naming row and column.
        """
        return self.tables.train(table, TableAsked(target=target, **how), self.start_run("train"))

    def preflight(self, file: Path, name: str, *, told: Callable[[Rung], None] = lambda rung: None) -> Preflight:
        """Try the long run `name` in `file` before it starts, in real processes, one of which is killed and gone on
        from; `told` hears each rung of the ladder as it begins. Raises BadFlow, InvalidInput.
        """
        return preflight_in(file, name, clock=self.ports.clock, prices=self.prices, settings=self.settings, told=told)

    def parity(self, endpoint: str) -> ParityReport:
        """Recompute what an endpoint served, in all its versions that asked the question it asks now, and compare."""
        running = self.serving.current(endpoint)
        alike = [v.version for v in self.serving.versions(endpoint) if v.question.digest() == running.question.digest()]
        return self.monitoring.parity(running.question, running.predictions(), versions=alike)

    def settle(self) -> dict[str, int]:
        """Move facts from the log to the tables, and let go of what every reader of the log has seen."""
        # The end comes first: what another process appends after the following is not let go of.
        end = self.facts.log_end()
        self.follow()
        moved = self.facts.settle()
        self.facts.trim(end)
        return moved


def open_workspace(folder: Path | str, *, clock: Clock | None = None) -> Workspace:
    """Open the workspace in a folder. Several processes may have it open at once. Raises NoWorkspace, BadSettings."""
    settings = read_settings(Path(folder).resolve())
    larger = larger_than_memory(settings)
    return Workspace(settings=settings, ports=embedded(settings.folder, clock=clock), larger=larger)
