"""Running: a flow's calls of steps become results, side by side as far as they do not need each other."""

import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pressroom.costs import NO_SOURCES, Meter, Usage
from pressroom.flows.argument import One, calls_in
from pressroom.flows.attempt_meter import Metered, metered_in
from pressroom.flows.calls import ENDED, MADE, Call, State
from pressroom.flows.cause import Cause, cause_of, worth_trying_again
from pressroom.flows.code.find_module import first_party_files
from pressroom.flows.counting import ended_here, sources_of, used_so_far
from pressroom.flows.errors import BadFlow, BudgetSpent, Cancelled
from pressroom.flows.failure import failure_of
from pressroom.flows.following_journals import FollowingJournals
from pressroom.flows.keying import Keying
from pressroom.flows.line import usage_of
from pressroom.flows.made import Made
from pressroom.flows.noting import note_of
from pressroom.flows.places import job_for, placed
from pressroom.flows.progress import read_progress
from pressroom.flows.provisions import Tools
from pressroom.flows.put_away import safe_at_s
from pressroom.flows.runner import ENTRY, OUTCOME, RESULT, SPEC, Outcome, Spec, attempt
from pressroom.flows.step import Step
from pressroom.ports import Ended, Executor, left_in, log_of
from pressroom.tiers import NOTHING, Share
from pressroom.values import Digest, PressroomError, from_document, to_document

LASTING = "lasting"
"""The folder, beside that of runs, for what attempts leave to the next one of the same key."""
_LOOK_S = 0.2
_TURN_S = 0.05
"""How soon an attempt that waits for its turn looks again."""
_GRACE_S = 5.0
_POLL_S = 0.01
_HERE = "inline"


class Running:
    """One run, in the process that started it. `watch` is told of each call whenever its state or progress changes."""

    def __init__(self, *, name: str, file: str, folder: Path, tools: Tools, watch: Callable[[Call], None]) -> None:
        """A run called `name` of a flow in `file`; its attempts have their folders in `folder`."""
        self.name = name
        self.calls: list[Call] = []
        self._file = file
        self._folder = folder
        self._tools = tools
        self._watch = watch
        self._keying = Keying(self._one)
        self._journals = FollowingJournals(
            run=name, folder=folder, tell=tools.notebook.tell, news=tools.news, clock=tools.clock
        )
        self._small: dict[Digest, bytes | None] = {}
        self._by_attempt: dict[str, Call] = {}
        self._looked = 0.0
        self._executors: dict[str, Executor] = {}
        self._first_party: tuple[str, ...] | None = None
        self._spent: Cause | None = None
        self.stopping = threading.Event()

    def call(self, step: Step[..., Any], arguments: Mapping[str, Any]) -> Made[Any]:
        """Note a call, and start what can be started. Raises NotEnforced before anything of it has run."""
        self._tools.places.check(job_for(step.name, step.options), self._executor(step).abilities)
        needs = frozenset(call for value in arguments.values() for call in calls_in(value))
        call = Call(number=len(self.calls), step=step, arguments=arguments, needs=needs)
        self.calls.append(call)
        self._go_on(0.0)
        return Made(step.name, call.number, self)

    def value(self, call: int) -> Any:
        """Wait for a call's result, and load it. Raises StepFailed, Cancelled."""
        made = self.calls[call]
        while made.state not in ENDED:
            self._go_on(_LOOK_S)
        if made.state not in MADE or made.result is None:
            raise failure_of(made)
        return self._tools.results.value(made.result, made.step.hints().get("return", Any), self._folder)

    def wait(self) -> None:
        """Go on until every call has ended."""
        while any(call.state not in ENDED for call in self.calls):
            self._go_on(_LOOK_S)

    def close(self) -> None:
        """Stop whatever runs still; its attempts are written down as cancelled, with what they used."""
        try:
            self._stop_all()
        finally:
            self._tools.line.close()

    def _stop_all(self) -> None:
        stopped: dict[int, Ended] = {}
        while self._by_attempt:
            for attempt_name, call in self._by_attempt.items():
                # Whose budget is spent may have a checkpoint to write, as whoever makes room.
                grace_s = _GRACE_S if self._spent is None else max(_GRACE_S, self._tools.line.grace_s)
                self._executor(call.step).stop(attempt_name, grace_s=grace_s)
            for ended in self._polled(_LOOK_S):
                call = self._by_attempt.pop(ended.attempt, None)
                if call is not None:
                    self._journals.read(ended.attempt, call)
                    call.metered = metered_in(self._folder / ended.attempt)
                    stopped[call.number] = ended
        for call in self.calls:
            if call.state not in ENDED:
                ended, cause = stopped.get(call.number), self._spent if call.number in stopped else None
                self._end(call, "cancelled", reason=call.reason or "the run ended before it", ended=ended, cause=cause)

    def _go_on(self, wait_s: float) -> None:
        if self.stopping.is_set():
            raise Cancelled(f"The run {self.name} was cancelled.", next_step="What was made is kept: run it again.")
        self._keep_to_budget()
        moved = True
        while moved:
            moved = sum(self._advance(call) for call in self.calls if call.state in ("waiting", "ready")) > 0
            moved = self._tools.line.look() or moved
        self._make_room()
        self._journals.look(self._by_attempt)
        if not self._by_attempt:
            self.stopping.wait(min(wait_s, _TURN_S))
        for ended in self._polled(wait_s) if self._by_attempt else ():
            self._ended(self._by_attempt.pop(ended.attempt), ended)
        self._look_how_far()
        self._tools.notebook.write()

    def _look_how_far(self) -> None:
        """What attempts that run say of themselves, now and then."""
        if time.monotonic() - self._looked > _LOOK_S:
            self._looked = time.monotonic()
            for name, call in self._by_attempt.items():
                said = read_progress(self._folder / name)
                if said != call.progress:
                    call.progress = said
                    self._watch(call)

    def _keep_to_budget(self) -> None:
        """Raises BudgetSpent; what runs then is stopped for it."""
        now = self._tools.clock.now()

        def running() -> list[tuple[Share, Usage]]:
            running = self._by_attempt.values()
            return [(call.share(), used_so_far(self._executor(call.step), call, self._folder, now)) for call in running]

        try:
            self._tools.purse.check(running, now)
        except BudgetSpent as error:
            self._spent = Cause(of="budget", evidence=error.message, where="", advice=error.next_step)
            raise

    def _make_room(self) -> None:
        """Stop the attempts whose turn was given to others; note which have put their state away."""
        for call in self._by_attempt.values():
            self._tools.line.put_away(call, safe_at_s(self._folder / call.attempt()))
        for call, until in self._tools.line.told_to_stop():
            if call.attempt() not in self._by_attempt:
                self._tools.line.over(call)
                continue
            call.told = until
            self._executor(call.step).stop(call.attempt(), grace_s=self._tools.line.grace_s)

    def _advance(self, call: Call) -> bool:
        """Take a call one state further, if it can go."""
        if call.state == "waiting":
            needed = [self.calls[number] for number in call.needs]
            if any(each.state in ENDED - MADE for each in needed):
                broken = next(each for each in needed if each.state in ENDED - MADE)
                self._end(call, "skipped", reason=f"{broken.step.name} made nothing")
                return True
            if any(each.state not in MADE for each in needed):
                return False
            self._look(call)
            return True
        if _is_local(call.step):
            self._run_here(call)
            return True
        if self._has_twin(call):
            self._tools.line.over(call)
            return False
        if self._tools.line.may_start(call):
            self._submit(call)
            return True
        never = self._tools.line.never(call)
        if never:
            self._never(call, never)
        return bool(never)

    def _never(self, call: Call, why: str) -> None:
        self._tools.line.over(call)
        advice = "Let the step ask for less, or raise the machine or the quota in pressroom.toml."
        call.failures.append(Cause(of="infrastructure", evidence=why, where="", advice=advice))
        self._end(call, "failed", reason=why)

    def _look(self, call: Call) -> None:
        """Its inputs are there: work out its key, and whether its result is there too."""
        # One that waited for its twin has its key already.
        key = call.key or self._keying.settle(call, call.inline_bytes.__setitem__)
        looked = self._tools.results.look(key, cache=call.step.options.cache)
        call.reason = looked.reason
        if looked.result is not None:
            call.result = looked.result
            self._end(call, "kept", reason=looked.reason)
        else:
            call.state = "ready"
            self._watch(call)

    def _one(self, number: int) -> One:
        result = self.calls[number].result
        if result is None:
            raise BadFlow(f"{self.calls[number].step.name} made nothing.", next_step="Look at why it did not.")
        self._small.setdefault(result.digest, result.content)
        return One(form=result.form, digest=result.digest)

    def _has_twin(self, call: Call) -> bool:
        """Whether an equal call runs: it waits, and then looks again."""
        if call.key is None or call.key.unknown or not call.step.options.cache:
            return False
        twin = any(each.key == call.key for each in self._by_attempt.values())
        if twin:
            call.state = "waiting"
        return twin

    def _place(self, step: Step[..., Any]) -> str:
        """Which executor a step runs in. What no other process could find by its name runs in this one."""
        return _HERE if _is_local(step) else self._tools.places.name_for(step.options)

    def _executor(self, step: Step[..., Any]) -> Executor:
        place = self._place(step)
        if place not in self._executors:
            self._executors[place] = self._tools.executor(place)
        return self._executors[place]

    def _polled(self, wait_s: float) -> Sequence[Ended]:
        """What has ended anywhere; waits for the first of them."""
        busy = [
            self._executors[place] for place in sorted({self._place(each.step) for each in self._by_attempt.values()})
        ]
        if len(busy) == 1:
            return busy[0].poll(wait_s)
        until = time.monotonic() + wait_s
        while busy:
            ended = [each for executor in busy for each in executor.poll(_POLL_S if wait_s else 0.0)]
            if ended or time.monotonic() >= until:
                return ended
        return []

    def _spec(self, call: Call) -> tuple[Spec, Path]:
        """The attempt's folder, made and filled."""
        folder = self._folder / call.attempt()
        folder.mkdir(parents=True, exist_ok=True)
        leaves = [leaf.digest for shape in call.shapes.values() for leaf in shape.leaves()]
        inputs = {digest: self._file_of(call, digest) for digest in leaves}
        spec = Spec(
            file=self._file,
            module=call.step.function.__module__,
            step=call.step.name,
            arguments=call.shapes,
            inputs=inputs,
            lasting=str(self._lasting_of(call)),
            most_memory_bytes=call.step.options.most_memory_bytes or 0,
        )
        (folder / SPEC).write_bytes(to_document(spec))
        return spec, folder

    def _lasting_of(self, call: Call) -> Path:
        return self._folder.parent.parent / LASTING / call.lasting(self.name)

    def _file_of(self, call: Call, digest: Digest) -> str:
        """Where an input's bytes lie: once in the run's folder, however many steps need them."""
        file = self._folder / f"in-{digest}"
        if not file.exists():
            content = call.inline_bytes.get(digest) or self._small.get(digest)
            file.write_bytes(self._tools.blobs.get(digest) if content is None else content)
        return str(file)

    def _submit(self, call: Call) -> None:
        spec, folder = self._spec(call)
        if self._first_party is None:
            self._first_party = first_party_files()
        reads = (*self._first_party, *self._keying.files(call.step), self._file, *spec.inputs.values())
        job = job_for(call.attempt(), call.step.options)
        job = placed(job, folder=str(folder), entry=ENTRY, reads=reads, lasting=spec.lasting)
        self._by_attempt[job.attempt] = call
        call.state, call.started = "running", self._tools.clock.now()
        self._watch(call)
        try:
            self._executor(call.step).submit(job)
        except PressroomError:
            # Nothing runs that would ever end.
            del self._by_attempt[job.attempt]
            raise

    def _run_here(self, call: Call) -> None:
        spec, folder = self._spec(call)
        call.state = "running"
        self._watch(call)
        with Meter() as meter:
            outcome = attempt(spec, folder, call.step)
        used = meter.usage
        call.metered = Metered(read_bytes=used.read_bytes, written_bytes=used.written_bytes)
        ended = ended_here(call, used)
        self._judge(call, folder, outcome, ended)

    def _ended(self, call: Call, ended: Ended) -> None:
        folder = self._folder / ended.attempt
        call.metered = metered_in(folder)
        self._journals.read(ended.attempt, call)
        outcome = None
        with suppress(FileNotFoundError):
            outcome = from_document(left_in(folder, OUTCOME), Outcome)
        self._judge(call, folder, outcome, ended)

    def _judge(self, call: Call, folder: Path, outcome: Outcome | None, ended: Ended) -> None:
        said = log_of(str(folder), 0).decode(errors="backslashreplace")
        cause = cause_of(ended, outcome, said)
        made = _made_in(folder) if cause is None else None
        if made is not None and outcome is not None and outcome.form is not None and call.key is not None:
            call.result = self._tools.results.made(
                made,
                outcome.form,
                run=self.name,
                made=self._tools.clock.now(),
                wall_s=outcome.step_wall_s,
            )
            (folder / RESULT).unlink()
            self._tools.results.remember(call.key, call.result)
            self._tools.line.done(call, ended.wall_s)
            # The result is kept: what led there is needed no more.
            shutil.rmtree(self._lasting_of(call), ignore_errors=True)
            self._end(call, "done", ended=ended)
            return
        if call.told and (outcome is None or (cause is not None and cause.of == "preempted")):
            self._preempted(call, ended)
            return
        self._failed(call, cause, ended)

    def _preempted(self, call: Call, ended: Ended) -> None:
        """It made room: it stands in line again, with the same key, however often that happens."""
        said = Cause(of="preempted", evidence=f"it made room for {call.told}", where="", advice="It goes on by itself.")
        self._note(call, "preempted", cause=said, ended=ended)
        self._tools.line.over(call)
        call.attained_s += ended.wall_s
        call.preempted += 1
        call.told, call.state = "", "ready"
        self._watch(call)

    def _failed(self, call: Call, cause: Cause | None, ended: Ended) -> None:
        if cause is None:
            cause = Cause(of="infrastructure", evidence="it left no outcome", where="", advice="Run it again.")
        # Lost again and again is no reason to give up on what gets further each time.
        outside = cause.of in ("infrastructure", "preempted")
        earlier = call.failures[call.moved_at :] if outside else call.failures
        again = worth_trying_again(cause, earlier, call.step.options.retries)
        self._note(call, "failed", cause=cause, ended=ended)
        self._tools.line.over(call)
        call.failures.append(cause)
        call.state = "ready" if again else "failed"
        self._journals.over(call, cause)
        self._watch(call)

    def _end(
        self, call: Call, state: State, *, reason: str = "", ended: Ended | None = None, cause: Cause | None = None
    ) -> None:
        call.state, call.reason = state, reason or call.reason
        self._note(call, state, ended=ended, cause=cause)
        self._journals.over(call, cause)
        self._tools.line.over(call)
        self._watch(call)

    def _note(self, call: Call, state: str, *, cause: Cause | None = None, ended: Ended | None = None) -> None:
        asked = NOTHING if call.step.options.inline else call.share()
        used = usage_of(call, ended, asked) if ended else None
        if used is not None:
            self._tools.purse.pay(used, asked, self._tools.clock.now())
        self._tools.notebook.tell(
            note_of(call, run=self.name, state=state, cause=cause, ended=ended, executor=self._place(call.step)),
            spender=self._tools.line.spender(call),
            used=used,
            asked=asked,
            sources=sources_of(call.metered, ended) if ended else NO_SOURCES,
        )


def _made_in(folder: Path) -> bytes | None:
    with suppress(FileNotFoundError):
        return left_in(folder, RESULT)
    return None


def _is_local(step: Step[..., Any]) -> bool:
    """Whether only this process has it: it was defined inside of a function."""
    return "<locals>" in step.function.__qualname__
