"""Running: a flow's calls of steps become results, side by side as far as they do not need each other."""

import shutil
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pressroom.costs import Meter
from pressroom.flows.argument import One, calls_in
from pressroom.flows.attempt_facts import AttemptNote
from pressroom.flows.calls import ENDED, MADE, Call, State
from pressroom.flows.cause import Cause, cause_of, worth_trying_again
from pressroom.flows.errors import BadFlow, Cancelled, StepFailed
from pressroom.flows.following_journals import FollowingJournals
from pressroom.flows.keying import Keying
from pressroom.flows.made import Made
from pressroom.flows.notebook import Notebook
from pressroom.flows.results import Results
from pressroom.flows.runner import ENTRY, LOG, OUTCOME, RESULT, SPEC, Outcome, Spec, attempt
from pressroom.flows.step import Step
from pressroom.ports import Blobs, Clock, Ended, Executor, Job
from pressroom.values import Digest, from_document, to_document

LASTING = "lasting"
"""The folder, beside that of runs, for what attempts leave to the next one of the same key."""
_LOOK_S = 0.2
_GRACE_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What a run works with."""

    results: Results
    blobs: Blobs
    notebook: Notebook
    clock: Clock
    executor: Callable[[], Executor]
    """Starts one, for the first attempt that needs it."""


class Running:
    """One run, in the process that started it. `watch` is told of each call whenever its state changes."""

    def __init__(self, *, name: str, file: str, folder: Path, tools: Tools, watch: Callable[[Call], None]) -> None:
        """A run called `name` of a flow in `file`; its attempts have their folders in `folder`."""
        self.name = name
        self.calls: list[Call] = []
        self._file = file
        self._folder = folder
        self._tools = tools
        self._watch = watch
        self._keying = Keying(self._one)
        self._journals = FollowingJournals(name, folder, tools.notebook.tell)
        self._small: dict[Digest, bytes | None] = {}
        self._by_attempt: dict[str, Call] = {}
        self._executor: Executor | None = None
        self.stopping = threading.Event()

    def call(self, step: Step[..., Any], arguments: Mapping[str, Any]) -> Made[Any]:
        """Note a call, and start what can be started."""
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
        """Stop whatever runs still; its attempts are written down as cancelled."""
        while self._executor is not None and self._by_attempt:
            for attempt_name in self._by_attempt:
                self._executor.stop(attempt_name, grace_s=_GRACE_S)
            for ended in self._executor.poll(_LOOK_S):
                stopped = self._by_attempt.pop(ended.attempt, None)
                if stopped is not None:
                    self._journals.read(ended.attempt, stopped)
        for call in self.calls:
            if call.state not in ENDED:
                self._end(call, "cancelled", reason=call.reason or "the run ended before it")

    def _go_on(self, wait_s: float) -> None:
        if self.stopping.is_set():
            raise Cancelled(f"The run {self.name} was cancelled.", next_step="What was made is kept: run it again.")
        moved = True
        while moved:
            moved = sum(self._advance(call) for call in self.calls if call.state in ("waiting", "ready")) > 0
        self._journals.look(self._by_attempt)
        for ended in self._executor.poll(wait_s if self._by_attempt else 0.0) if self._executor else ():
            self._ended(self._by_attempt.pop(ended.attempt), ended)
        self._tools.notebook.write()

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
        if call.step.options.inline or "<locals>" in call.step.function.__qualname__:
            self._run_here(call)
            return True
        if len(self._by_attempt) < self._start().slots and not self._has_twin(call):
            self._submit(call)
            return True
        return False

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

    def _start(self) -> Executor:
        if self._executor is None:
            self._executor = self._tools.executor()
        return self._executor

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
        )
        (folder / SPEC).write_bytes(to_document(spec))
        return spec, folder

    def _lasting_of(self, call: Call) -> Path:
        """Where attempts find what others of the same key left; without a digest, those of this call alone."""
        lasting = self._folder.parent.parent / LASTING
        if call.key is None or call.key.unknown:
            return lasting / f"{self.name}-{call.number:04d}"
        return lasting / call.key.digest()

    def _file_of(self, call: Call, digest: Digest) -> str:
        """Where an input's bytes lie: once in the run's folder, however many steps need them."""
        file = self._folder / f"in-{digest}"
        if not file.exists():
            content = call.inline_bytes.get(digest) or self._small.get(digest)
            file.write_bytes(self._tools.blobs.get(digest) if content is None else content)
        return str(file)

    def _submit(self, call: Call) -> None:
        _, folder = self._spec(call)
        options = call.step.options
        job = Job(
            attempt=call.attempt(),
            folder=str(folder),
            entry=ENTRY,
            most_memory_bytes=options.most_memory_bytes,
            most_wall_s=options.most_wall_s,
        )
        self._by_attempt[job.attempt] = call
        call.state = "running"
        self._watch(call)
        self._start().submit(job)

    def _run_here(self, call: Call) -> None:
        spec, folder = self._spec(call)
        call.state = "running"
        self._watch(call)
        with Meter() as meter:
            outcome = attempt(spec, folder, call.step)
        used = meter.usage
        ended = Ended(
            attempt=call.attempt(),
            exit_code=0,
            signal=None,
            stopped_for=None,
            cpu_s=used.cpu_s,
            wall_s=used.wall_s,
            peak_bytes=used.peak_bytes,
        )
        self._judge(call, folder, outcome, ended)

    def _ended(self, call: Call, ended: Ended) -> None:
        folder = self._folder / ended.attempt
        self._journals.read(ended.attempt, call)
        outcome = None
        with suppress(FileNotFoundError):
            outcome = from_document((folder / OUTCOME).read_bytes(), Outcome)
        self._judge(call, folder, outcome, ended)

    def _judge(self, call: Call, folder: Path, outcome: Outcome | None, ended: Ended) -> None:
        log = folder / LOG
        said = log.read_text(encoding="utf-8", errors="backslashreplace") if log.exists() else ""
        cause = cause_of(ended, outcome, said)
        if cause is None and outcome is not None and outcome.form is not None and call.key is not None:
            file = folder / RESULT
            call.result = self._tools.results.made(
                file.read_bytes(),
                outcome.form,
                run=self.name,
                made=self._tools.clock.now(),
                wall_s=outcome.step_wall_s,
            )
            file.unlink()
            self._tools.results.remember(call.key, call.result)
            # The result is kept: what led there is needed no more.
            shutil.rmtree(self._lasting_of(call), ignore_errors=True)
            self._end(call, "done", ended=ended)
            return
        self._failed(call, cause, ended)

    def _failed(self, call: Call, cause: Cause | None, ended: Ended) -> None:
        if cause is None:
            cause = Cause(of="infrastructure", evidence="it left no outcome", where="", advice="Run it again.")
        # Lost again and again is no reason to give up on what gets further each time.
        outside = cause.of in ("infrastructure", "preempted")
        earlier = call.failures[call.moved_at :] if outside else call.failures
        again = worth_trying_again(cause, earlier, call.step.options.retries)
        self._note(call, "failed", cause=cause, ended=ended)
        call.failures.append(cause)
        call.state = "ready" if again else "failed"
        self._watch(call)

    def _end(self, call: Call, state: State, *, reason: str = "", ended: Ended | None = None) -> None:
        call.state, call.reason = state, reason or call.reason
        self._note(call, state, ended=ended)
        self._watch(call)

    def _note(self, call: Call, state: str, *, cause: Cause | None = None, ended: Ended | None = None) -> None:
        self._tools.notebook.tell(
            AttemptNote(
                run=self.name,
                attempt=call.attempt(),
                step=call.step.name,
                call=call.number,
                state=state,
                reason=call.reason,
                key=call.key.digest() if call.key else "",
                result=call.result.digest if call.result else None,
                cause=cause.of if cause else None,
                evidence=cause.evidence if cause else None,
                where=cause.where if cause else None,
                advice=cause.advice if cause else None,
                wall_s=ended.wall_s if ended else 0.0,
                cpu_s=ended.cpu_s if ended else 0.0,
                peak_bytes=ended.peak_bytes if ended else 0,
            )
        )


def failure_of(call: Call) -> StepFailed:
    """Why a call has no value, in words: the step, the cause, the line, and what to try."""
    if not call.failures:
        return StepFailed(
            f"{call.step.name} was {call.state}: {call.reason}.", next_step="Look at what came before it."
        )
    cause = call.failures[-1]
    where = f" at {cause.where}" if cause.where else ""
    tries = f" ({len(call.failures)} attempts)" if len(call.failures) > 1 else ""
    said = cause.evidence.splitlines()[0] if cause.evidence else ""
    return StepFailed(f"{call.step.name} failed{where}{tries}: {cause.of}: {said}", next_step=cause.advice)
