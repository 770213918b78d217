"""The counter of the room: flows run, planned, taken up again and explained."""

import os
import signal
import sys
import threading
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

from pressroom.facts import Facts, did_you_mean
from pressroom.flows.attempt_facts import AttemptNote, ProgressNote, RunNote, attempts_of, progress_of, runs_of
from pressroom.flows.attempt_folders import LASTING, lasting_in_use
from pressroom.flows.calls import Call
from pressroom.flows.check.check_flow import check_flow
from pressroom.flows.check.finding import Finding
from pressroom.flows.code.reach import reach
from pressroom.flows.current import inside
from pressroom.flows.errors import BadFlow, Cancelled, NotMadeYet, StepFailed, UnknownRun
from pressroom.flows.failure import failure_of
from pressroom.flows.flow import Flow
from pressroom.flows.line import Account, Line
from pressroom.flows.lost_runs import tell_lost
from pressroom.flows.made import Made
from pressroom.flows.money import Money
from pressroom.flows.notebook import Notebook
from pressroom.flows.owner_news import NewsMeans, OwnerNews
from pressroom.flows.pace import Pace
from pressroom.flows.places import Places
from pressroom.flows.planning import FlowPlan, Planning
from pressroom.flows.provisions import Tools
from pressroom.flows.results import Results
from pressroom.flows.run_marks import RunMarks
from pressroom.flows.runner import LOG, SPEC, Spec, load_arguments, step_of
from pressroom.flows.running import Running
from pressroom.flows.scheduling.outbox import Outbox
from pressroom.flows.scheduling.process import this_process
from pressroom.flows.standing import Standing, standings
from pressroom.flows.step import Step
from pressroom.flows.sweep import KEEP_UNFINISHED_US, Swept, sweep
from pressroom.flows.turns import Turns
from pressroom.ports import Abilities, Blobs, Clock, Executor, Records
from pressroom.tiers import Tier
from pressroom.values import Instant, from_document

_MARKS = "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowResult:
    """A run that came to its end: its name, and what the flow returned, values in the place of what steps made."""

    run: str
    value: Any
    calls: tuple[Call, ...]


class Flows:
    """Runs flows of one workspace, and tells what became of them."""

    def __init__(  # noqa: PLR0913  (what work is done with)
        self,
        *,
        facts: Facts,
        records: Records,
        blobs: Blobs,
        clock: Clock,
        places: Places,
        folder: Path,
        turns: Callable[[], Turns],
        money: Money,
        outbox: Outbox,
    ) -> None:
        """Keep the folders of runs in `folder`; steps run in `places`. A run's attempts wait for their `turns`, and
        draw on the budgets that `money` knows. What owners are told goes through `outbox`.
        """
        self._facts = facts
        self._blobs = blobs
        self._clock = clock
        self._places = places
        self._folder = folder
        self._turns = turns
        self._records = records
        self.money = money
        self._results = Results(records=records, blobs=blobs)
        self._executors: dict[tuple[str, str], Executor] = {}
        self._marks = RunMarks(folder.parent / _MARKS)
        self._news = NewsMeans(outbox=outbox, records=records, clock=clock)

    def close(self) -> None:
        """Give back the processes that steps ran in; the next run starts others."""
        for executor in self._executors.values():
            executor.close()
        self._executors.clear()

    def run(
        self,
        flow: Flow[..., Any],
        parameters: Mapping[str, Any],
        *,
        watch: Callable[[str, Call], None] = lambda run, call: None,
        warn: Callable[[str], None] = lambda words: None,
        tier: Tier | None = None,
    ) -> FlowResult:
        """Run a flow, in its own tier or another one; steps whose results are kept are not run again. Four fifths of a
        budget are told to `warn`, and so is what the flow's owner is told of long work: trouble, silence, how it ended.
        Raises StepFailed, Cancelled, BudgetSpent, and whatever the flow's own body raises.
        """
        bound = flow.bind(parameters)
        account = Account(flow=flow.name, team=flow.options.owner, tier=tier or flow.options.tier)
        purse = self.money.purse(team=account.team, flow=account.flow, now=self._clock.now(), warn=warn)
        purse.check_start()
        name = f"{flow.name}-{uuid.uuid4().hex[:12]}"
        folder = self._begun(name)
        notebook = Notebook(facts=self._facts, clock=self._clock)
        file = flow.function.__code__.co_filename
        about = {"run": name, "flow": flow.name, "owner": flow.options.owner, "file": file}
        started = RunNote(**about, parameters=flow.written(bound), state="started")
        notebook.tell(started)
        notebook.write(now=True)
        tools = Tools(
            results=self._results,
            blobs=self._blobs,
            notebook=notebook,
            clock=self._clock,
            line=Line(run=name, account=account, turns=self._turns(), pace=Pace(self._records), now=self._clock.now),
            purse=purse,
            news=OwnerNews(self._news, run=name, owner=flow.options.owner, shown=warn),
            executor=lambda place: self._executor_for(place, file),
            places=self._places,
        )
        running = Running(name=name, file=file, folder=folder, tools=tools, watch=lambda call: watch(name, call))
        state, words = "failed", ""
        try:
            with _stopped_by_signals(running), inside(running):
                returned = flow.function(**bound)
                running.wait()
            _refuse_failures(running)
            value, state = _values(returned), "done"
            return FlowResult(run=name, value=value, calls=tuple(running.calls))
        except (Cancelled, KeyboardInterrupt) as error:
            state, words = "cancelled", str(error)
            raise
        except BaseException as error:
            words = str(error) or type(error).__name__
            raise
        finally:
            running.close()
            self._results.close()
            notebook.tell(RunNote(**about, parameters=started.parameters, state=state, words=words))
            notebook.write(now=True)
            tools.news.close()
            self._marks.remove(name)

    def _begun(self, run: str) -> Path:
        """The folder of a run that begins in this process."""
        self.look_after_lost()
        folder = self._folder / run
        folder.mkdir(parents=True)
        self._marks.put(run)
        return folder

    def look_after_lost(self) -> list[str]:
        """Tell the owners of runs whose process was lost what these could not tell any more; which ones were lost."""
        lost = self._marks.lost()
        notes = {note.run: note for _, note in runs_of(self._facts)} if lost else {}
        for run in lost:
            if run in notes and notes[run].state == "started":
                tell_lost(notes[run], self._folder / run, self._news)
            self._marks.remove(run)
        return lost

    def plan(self, flow: Flow[..., Any], parameters: Mapping[str, Any]) -> FlowPlan:
        """What a run would do now. Runs no step; the flow's own lines between them are run."""
        past = [note for _, note in attempts_of(self._facts)]
        beyond = ""
        with TemporaryDirectory() as folder:
            planning = Planning(results=self._results, past=past, folder=Path(folder))
            try:
                with inside(planning):
                    flow.function(**flow.bind(parameters))
            except NotMadeYet as error:
                beyond = error.message
        return FlowPlan(flow=flow.name, calls=planning.planned(), beyond=beyond, took=planning.took())

    def executors(self) -> Sequence[Abilities]:
        """The executors that there are, what each enforces here, and why one can't be used."""
        return self._places.abilities()

    def runs(self) -> list[tuple[Instant, RunNote]]:
        """What was written of every run, newest last: of each its last state. One whose process is gone is lost."""
        newest: dict[str, tuple[Instant, RunNote]] = {}
        for at, note in runs_of(self._facts):
            newest[note.run] = (at, note)
        return [(at, self._as_it_is(note)) for at, note in newest.values()]

    def attempts(self, run: str) -> list[AttemptNote]:
        """The attempts of a run, in the order in which they ended. Raises UnknownRun."""
        self._run_note(run)
        return [note for _, note in attempts_of(self._facts, run)]

    def image_of(self, run: str, step: str = "") -> str:
        """The digest of the image in which a run's step made its result, now or when what is kept was made; of all
        steps, if none is named. Empty where there was none. Raises UnknownRun, BadFlow where there were several.
        """
        made = {note.result: note.image for _, note in attempts_of(self._facts) if note.state == "done" and note.result}
        meant = [note for note in self.attempts(run) if note.result and (not step or note.step == step)]
        images = sorted({made.get(note.result or "") or "" for note in meant} - {""})
        if len(images) > 1:
            raise BadFlow(f"{run} ran in {len(images)} images.", next_step="Say of which step: image_of(run, step).")
        return images[0] if images else ""

    def progress(self, run: str) -> list[ProgressNote]:
        """What the attempts of a run told of how they go, also while they run. Raises UnknownRun."""
        self._run_note(run)
        return progress_of(self._facts, run)

    def standings(self, *runs: str) -> dict[str, list[Standing]]:
        """How the steps of runs stand that tell how they go, as they told last."""
        notes = progress_of(self._facts, *runs) if runs else []
        return {run: standings(note for note in notes if note.run == run) for run in runs}

    def started(self, run: str) -> RunNote:
        """What a run was asked to do. Raises UnknownRun."""
        return self._run_note(run)

    def log(self, run: str, attempt: str) -> Path:
        """The file to which an attempt prints; it grows while the attempt runs. Raises UnknownRun."""
        folder = self._folder / run
        names = sorted(each.name for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []
        meant = [name for name in names if attempt == name or attempt == name.partition("-")[2]]
        if not meant:
            raise UnknownRun(f"{run} has no attempt {attempt!r}.", next_step=did_you_mean(attempt, names))
        return folder / meant[-1] / LOG

    def inputs_of(self, run: str, attempt: str) -> tuple[Step[..., Any], dict[str, Any]]:
        """The step of an attempt, and the arguments that it had. Raises UnknownRun, BadFlow."""
        spec = from_document((self.log(run, attempt).parent / SPEC).read_bytes(), Spec)
        step = step_of(spec)
        return step, load_arguments(spec, step)

    def is_running(self, run: str) -> bool:
        """Whether its process lives, on this machine."""
        return self._marks.living(run) is not None

    def check(
        self, flow: Flow[..., Any], parameters: Mapping[str, Any], *, memory_bytes: int, facts: Collection[str]
    ) -> list[Finding]:
        """What is wrong with a flow before it runs, by line: see `check_flow`. Raises BadFlow for wrong parameters."""
        bound = flow.bind(parameters)

        def calls() -> list[Call]:
            with TemporaryDirectory() as folder:
                planning = Planning(results=self._results, past=(), folder=Path(folder))
                with suppress(NotMadeYet), inside(planning):
                    flow.function(**bound)
                return planning.calls()

        return check_flow(flow, memory_bytes=memory_bytes, facts=facts, calls=calls)

    def sweep(self, *, keep_us: int = KEEP_UNFINISHED_US) -> Swept:
        """Remove what attempts left to the next one of their key, where nobody has come for so long."""
        runs = [run for run in self._folder.iterdir() if self.is_running(run.name)] if self._folder.is_dir() else []
        in_use = {name for run in runs for name in lasting_in_use(run)}
        return sweep(self._folder.parent / LASTING, in_use=in_use, keep_us=keep_us, now=self._clock.now())

    def without_digest(self, flow: Flow[..., Any]) -> dict[str, tuple[str, ...]]:
        """The steps in a flow's file that will run every time, and why."""
        steps = [each for each in vars(sys.modules[flow.function.__module__]).values() if isinstance(each, Step)]
        found = {step.name: reach(step.function).unknown for step in steps}
        return {name: unknown for name, unknown in found.items() if unknown}

    def cancel(self, run: str) -> bool:
        """Ask a run to stop, wherever on this machine it runs; False when it does not run. Raises UnknownRun."""
        self._run_note(run)
        process = self._marks.living(run)
        if process is None or process.host != this_process().host:
            return False
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
            return True
        return False

    def _executor_for(self, place: str, file: str) -> Executor:
        """Its processes have their imports done, so they are kept for the next run of the same file."""
        if (place, file) not in self._executors:
            self._executors[place, file] = self._places.start(place, file)
        return self._executors[place, file]

    def _run_note(self, run: str) -> RunNote:
        notes = {note.run: note for _, note in runs_of(self._facts)}
        if run not in notes:
            raise UnknownRun(f"There is no run {run!r} here.", next_step=did_you_mean(run, notes))
        return notes[run]

    def _as_it_is(self, note: RunNote) -> RunNote:
        if note.state != "started" or self._marks.living(note.run) is not None:
            return note
        said = "its process is gone; run it again: what it made is kept"
        return RunNote(
            run=note.run, flow=note.flow, owner=note.owner, file=note.file, parameters=note.parameters, state="lost",
            words=said,
        )  # fmt: skip


class _stopped_by_signals:  # noqa: N801  (reads as a phrase where it is used)
    """While a flow runs in the main thread, SIGTERM stops it in order."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._before: Any = None

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGTERM, self._stop)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._running.stopping.set()

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGTERM, self._before)


def _values(returned: Any) -> Any:
    """What a flow returned, values in the place of what steps made."""
    if isinstance(returned, Made):
        return returned.get()
    if isinstance(returned, list | tuple):
        return type(returned)(_values(each) for each in returned)
    if isinstance(returned, dict):
        return {key: _values(each) for key, each in returned.items()}
    return returned


def _refuse_failures(running: Running) -> None:
    failed = [call for call in running.calls if call.state == "failed"]
    if failed:
        more = f" ({len(failed) - 1} more failed)" if len(failed) > 1 else ""
        first = failure_of(failed[0])
        raise StepFailed(first.message + more, next_step=first.next_step)
