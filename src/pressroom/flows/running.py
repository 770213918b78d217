"""Running: a flow's calls of steps become results, side by side as far as they do not need each other."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pressroom.costs import NO_SOURCES, Meter, Usage
from pressroom.flows.argument import One, calls_in
from pressroom.flows.attempt_folders import AttemptFolders
from pressroom.flows.attempt_meter import Metered
from pressroom.flows.calls import ENDED, MADE, Call, State
from pressroom.flows.cause import Cause, cause_of, worth_trying_again
from pressroom.flows.code.find_module import first_party_files
from pressroom.flows.counting import ended_here, sources_of, used_so_far
from pressroom.flows.due import Due
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
from pressroom.flows.run_executors import RunExecutors, is_local
from pressroom.flows.runner import ENTRY, Outcome, attempt
from pressroom.flows.step import Step
from pressroom.ports import BackendError, Ended
from pressroom.tiers import NOTHING, Share
from pressroom.values import Digest, PressroomError

_LOOK_S = 0.2
_TURN_S = 0.05
"""How soon an attempt that waits for its turn looks again."""
_GRACE_S = 5.0


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
        self._folders = AttemptFolders(run=name, file=file, folder=folder, kept=self._bytes_of)
        self._due = Due()
        self._small: dict[Digest, bytes | None] = {}
        self._by_attempt: dict[str, Call] = {}
        self._looked = 0.0
        self._over: list[Ended] = []
        self._executors = RunExecutors(start=tools.executor, places=tools.places)
        self._first_party: tuple[str, ...] | None = None
        self._spent: Cause | None = None
        self.stopping = threading.Event()

    def call(self, step: Step[..., Any], arguments: Mapping[str, Any]) -> Made[Any]:
        """Note a call, and start what can be started. Raises NotEnforced before anything of it has run."""
        self._tools.places.check(job_for(step.name, step.options), self._executors.of(step).abilities)
        needs = frozenset(call for value in arguments.values() for call in calls_in(value))
        call = Call(number=len(self.calls), step=step, arguments=arguments, needs=needs)
        self.calls.append(call)
        self._due.add(call, [self.calls[number] for number in needs])
        self._go_on(0.0)
        return Made(step.name, call.number, self)

    def value(self, call: int) -> Any:
        """Wait for a call's result, and load it. Raises StepFailed, Cancelled."""
        made = self.calls[call]
        while made.state not in ENDED:
            self._go_on(_LOOK_S)
        if made.state not in MADE or made.result is None:
            raise failure_of(made)
        self._tools.results.press()
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
            over, self._over = self._over, []
            gone = {each.attempt for each in over}
            for attempt_name, call in self._by_attempt.items():
                # Whose budget is spent may have a checkpoint to write, as whoever makes room.
                grace_s = _GRACE_S if self._spent is None else max(_GRACE_S, self._tools.line.grace_s)
                # Where what starts steps is gone, the next question says that its attempts are lost.
                with suppress(BackendError):
                    if attempt_name not in gone:
                        self._executors.of(call.step).stop(attempt_name, grace_s=grace_s)
            for ended in over or self._executors.polled([call.step for call in self._by_attempt.values()], _LOOK_S):
                call = self._by_attempt.pop(ended.attempt, None)
                if call is not None:
                    self._journals.read(ended.attempt, call)
                    call.metered = self._folders.metered(ended.attempt, self._folders.outcome(ended.attempt))
                    stopped[call.number] = ended
        for call in self.calls:
            if call.state not in ENDED:
                ended, cause = stopped.get(call.number), self._spent if call.number in stopped else None
                self._end(call, "cancelled", reason=call.reason or "the run ended before it", ended=ended, cause=cause)

    def _go_on(self, wait_s: float) -> None:
        if self.stopping.is_set():
            raise Cancelled(f"The run {self.name} was cancelled.", next_step="What was made is kept: run it again.")
        self._keep_to_budget()
        self._advance()
        # While what was just started works.
        self._tools.results.write()
        self._look_at_attempts()
        if not self._by_attempt:
            self.stopping.wait(min(wait_s, _TURN_S))
        steps = [call.step for call in self._by_attempt.values()]
        ended = self._executors.polled(steps, min(wait_s, max(0.0, self._tools.results.due_s())))
        self._over = [each for each in ended if each.attempt in self._by_attempt]
        for each in self._over:
            self._tools.line.freed(self._by_attempt[each.attempt])
        if self._over:
            # Whoever is next works while those that ended are judged.
            self._start()
        while self._over:
            self._ended(self._by_attempt[self._over[0].attempt], self._over[0])
        self._tools.results.write()
        self._tools.notebook.write()

    def _look_at_attempts(self) -> None:
        """What attempts that run say of themselves, and who of them is to make room, now and then."""
        if time.monotonic() - self._looked > _LOOK_S:
            self._looked = time.monotonic()
            self._look_how_far()
            for call in self._by_attempt.values():
                self._tools.line.put_away(call, safe_at_s(self._folders.of(call)))
            self._make_room()
            self._journals.look(self._by_attempt)

    def _look_how_far(self) -> None:
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
            return [
                (call.share(), used_so_far(self._executors.of(call.step), call, self._folder, now)) for call in running
            ]

        try:
            self._tools.purse.check(running, now)
        except BudgetSpent as error:
            self._spent = Cause(of="budget", evidence=error.message, where="", advice=error.next_step)
            raise

    def _make_room(self) -> None:
        """Stop the attempts whose turn was given to others."""
        for call, until in self._tools.line.told_to_stop():
            if call.attempt() not in self._by_attempt:
                # It had not begun: it stands in line again.
                self._tools.line.over(call)
                if call.state == "ready":
                    self._due.ready.appendleft(call)
                continue
            call.told = until
            self._executors.of(call.step).stop(call.attempt(), grace_s=self._tools.line.grace_s)

    def _advance(self) -> None:
        """Take each call as far as it can go without waiting."""
        for call in self._due.complete():
            self._look(call)
        for call, broken in self._due.broken():
            self._end(call, "skipped", reason=f"{broken.step.name} made nothing")
        self._start()

    def _start(self) -> None:
        """Fill the line, and start those whose turn it is."""
        line = self._tools.line
        while self._due.ready and line.has_room():
            call = self._due.ready.popleft()
            never = line.never(call)
            if never:
                self._never(call, never)
            elif self._has_twin(call):
                self._due.wait_for_twin(call)
            else:
                line.stand(call)
        while started := line.look():
            for call in started:
                if self._has_twin(call):
                    line.over(call)
                    self._due.wait_for_twin(call)
                else:
                    self._submit(call)

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
            return
        call.state = "ready"
        self._folders.claim(call)
        self._watch(call)
        if is_local(call.step):
            self._run_here(call)
        else:
            self._due.ready.append(call)

    def _one(self, number: int) -> One:
        result = self.calls[number].result
        if result is None:
            raise BadFlow(f"{self.calls[number].step.name} made nothing.", next_step="Look at why it did not.")
        self._small.setdefault(result.digest, result.content)
        return One(form=result.form, digest=result.digest)

    def _has_twin(self, call: Call) -> bool:
        """Whether an equal call runs."""
        if call.key is None or call.key.unknown or not call.step.options.cache:
            return False
        return any(each.key == call.key for each in self._by_attempt.values())

    def _bytes_of(self, digest: Digest) -> bytes:
        content = self._small.get(digest)
        return self._tools.blobs.get(digest) if content is None else content

    def _submit(self, call: Call) -> None:
        spec, folder = self._folders.fill(call)
        executor = self._executors.of(call.step)
        # Whoever shows an attempt everything need not be told what to show.
        reads = self._reads(call, spec.inputs) if "paths" in executor.abilities.enforces else ()
        job = placed(
            job_for(call.attempt(), call.step.options, warm=f"{spec.module}.{spec.step}"),
            folder=str(folder), entry=ENTRY, reads=reads, lasting=spec.lasting,
        )  # fmt: skip
        if call.needs:
            self._tools.results.press()
        self._by_attempt[job.attempt] = call
        call.state, call.started = "running", self._tools.clock.now()
        self._watch(call)
        try:
            executor.submit(job)
        except PressroomError:
            # Nothing runs that would ever end.
            del self._by_attempt[job.attempt]
            raise

    def _reads(self, call: Call, inputs: Mapping[str, str]) -> Sequence[str]:
        if self._first_party is None:
            self._first_party = first_party_files()
        return (*self._first_party, *self._keying.files(call.step), self._file, *inputs.values())

    def _run_here(self, call: Call) -> None:
        spec, folder = self._folders.fill(call)
        call.state = "running"
        self._watch(call)
        with Meter() as meter:
            outcome = attempt(spec, folder, call.step)
        used = meter.usage
        call.metered = Metered(read_bytes=used.read_bytes, written_bytes=used.written_bytes)
        self._judge(call, outcome, ended_here(call, used))

    def _ended(self, call: Call, ended: Ended) -> None:
        self._journals.read(ended.attempt, call)
        outcome = self._folders.outcome(ended.attempt)
        call.metered = self._folders.metered(ended.attempt, outcome)
        self._judge(call, outcome, ended)
        self._over.pop(0)
        del self._by_attempt[ended.attempt]
        self._due.attempt_ended(call)

    def _judge(self, call: Call, outcome: Outcome | None, ended: Ended) -> None:
        well = outcome is not None and outcome.fault is None
        cause = cause_of(ended, outcome, "" if well else self._folders.log(ended.attempt))
        made = self._folders.made(ended.attempt, outcome) if cause is None and outcome is not None else None
        if made is not None and outcome is not None and outcome.form is not None and call.key is not None:
            call.result = self._tools.results.made(
                made,
                outcome.form,
                run=self.name,
                made=self._tools.clock.now(),
                wall_s=outcome.step_wall_s,
            )
            self._tools.results.remember(call.key, call.result)
            self._tools.line.done(call, ended.wall_s)
            self._folders.clear(call)
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
        # It has waited for its turn before all others of this run.
        self._due.ready.appendleft(call)
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
        if again:
            self._due.again(call)
        else:
            self._due.ended(call)
        self._journals.over(call, cause)
        self._watch(call)

    def _end(
        self, call: Call, state: State, *, reason: str = "", ended: Ended | None = None, cause: Cause | None = None
    ) -> None:
        call.state, call.reason = state, reason or call.reason
        self._note(call, state, ended=ended, cause=cause)
        self._journals.over(call, cause)
        self._tools.line.over(call)
        self._due.ended(call)
        self._watch(call)

    def _note(self, call: Call, state: str, *, cause: Cause | None = None, ended: Ended | None = None) -> None:
        asked = NOTHING if call.step.options.inline else call.share()
        used = usage_of(call, ended, asked) if ended else None
        if used is not None:
            self._tools.purse.pay(used, asked, self._tools.clock.now())
        self._tools.notebook.tell(
            note_of(
                call, run=self.name, state=state, cause=cause, ended=ended, executor=self._executors.place(call.step)
            ),
            spender=self._tools.line.spender(call),
            used=used,
            asked=asked,
            sources=sources_of(call.metered, ended) if ended else NO_SOURCES,
        )
