"""The runner: the other side of an attempt. In its own process, it reads what to do in a folder, does it, and leaves
there what came of it. It opens no database and no log.
"""

import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pressroom.flows.argument import One, Shape, value_of
from pressroom.flows.attempt_meter import AttemptMeter, Metered
from pressroom.flows.attempt_place import AttemptPlace, placed
from pressroom.flows.current import inside
from pressroom.flows.encoded import Form, decode, encode, is_small
from pressroom.flows.errors import BadFlow
from pressroom.flows.load_flow import find_in, load_module
from pressroom.flows.progress import telling_to
from pressroom.flows.put_away import work_in
from pressroom.flows.step import Step
from pressroom.values import PressroomError, digest_bytes, from_document, to_document

ENTRY = "pressroom.flows.runner:run_attempt"
PREPARE = "pressroom.flows.runner:prepare"
SPEC, OUTCOME, RESULT, LOG, JOURNAL = "spec.json", "outcome.json", "result", "log", "journal"
_SHOWN_FRAMES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What to do: a step by its file, module and name, and its arguments, whose bytes lie in the files `inputs`, a few
    of them here (`small`); `lasting` is the folder for what an attempt leaves to the next one,
    `most_memory_bytes` its limit (0: none).
    """

    file: str
    module: str
    step: str
    arguments: Mapping[str, Shape]
    inputs: Mapping[str, str]
    small: Mapping[str, bytes] = field(default_factory=dict)
    lasting: str = ""
    most_memory_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What went wrong inside: the error's kind and words, and the line of first-party code at which it came up."""

    kind: str
    message: str
    next_step: str
    file: str
    line: int
    trace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it: the form of what was made, or the fault. A few bytes are `content`, more of them are a file
    beside it. `metered` is what was used until the step had returned.
    """

    form: Form | None
    fault: Fault | None
    step_wall_s: float
    content: bytes | None = None
    metered: Metered | None = None


def prepare(file: str) -> None:
    """Load a flow's file once, before anything is forked; what is wrong with it, every attempt will say."""
    sys.dont_write_bytecode = True
    try:
        module = load_module(Path(file))
    except PressroomError:
        return
    if pa in vars(module).values():
        # The first table of a process looks for pandas, and where it is installed that takes long.
        pa.table({"warm": np.zeros(1)})


def run_attempt(folder: Path) -> int:
    """Do what the folder says. The exit code is 0 when the step returned, 1 when it did not."""
    spec = from_document((folder / SPEC).read_bytes(), Spec)
    work_in(folder)
    with AttemptMeter(folder) as meter:
        outcome = attempt(spec, folder)
        outcome = replace(outcome, metered=meter.ended())
    draft = folder / f"{OUTCOME}.draft"
    draft.write_bytes(to_document(outcome))
    draft.rename(folder / OUTCOME)
    return 0 if outcome.fault is None else 1


def attempt(spec: Spec, folder: Path, known: Step[..., Any] | None = None) -> Outcome:
    """Load, call, keep. `known` is the step, where it is at hand; else it is looked up."""
    started = time.perf_counter()
    try:
        step = known or step_of(spec)
        arguments = load_arguments(spec, step)
        started = time.perf_counter()
        with inside(None), telling_to(folder), placed(_place_of(spec, folder)):
            value = step.function(**arguments)
        wall_s = time.perf_counter() - started
        encoded = encode(value, what=f"What {step.name} returned", annotation=step.hints().get("return", Any))
        small = is_small(encoded.form, encoded.content)
        if not small:
            (folder / RESULT).write_bytes(encoded.content)
    except Exception as error:  # noqa: BLE001  (whatever a step raises is what came of it)
        traceback.print_exc()
        return Outcome(form=None, fault=_fault(error), step_wall_s=time.perf_counter() - started)
    return Outcome(form=encoded.form, fault=None, step_wall_s=wall_s, content=encoded.content if small else None)


def _place_of(spec: Spec, folder: Path) -> AttemptPlace | None:
    if not spec.lasting:
        return None
    return AttemptPlace(lasting=Path(spec.lasting), journal=folder / JOURNAL, most_memory_bytes=spec.most_memory_bytes)


def step_of(spec: Spec) -> Step[..., Any]:
    """The step that is meant. Raises BadFlow."""
    module = load_module(Path(spec.file))
    if module.__name__ != spec.module:
        module = import_module(spec.module)
    found = find_in(module, spec.step)
    if not isinstance(found, Step):
        raise BadFlow(f"{spec.module}.{spec.step} is no step.", next_step="Put @step above it.")
    return found


def load_arguments(spec: Spec, step: Step[..., Any]) -> dict[str, Any]:
    """The arguments' values, the bytes checked against their digests."""
    hints = step.hints()

    def load(one: One, annotation: Any) -> Any:
        within = spec.small.get(one.digest)
        file = Path(spec.inputs[one.digest]) if within is None else Path()
        content = b"" if one.form == "file" else within if within is not None else file.read_bytes()
        if one.form != "file" and digest_bytes(content) != one.digest:
            raise BadFlow(f"{file} is not what it was.", next_step="Run the flow again: it is made anew.")
        return decode(one.form, content, annotation=annotation, file=file)

    return {name: value_of(shape, annotation=hints.get(name, Any), load=load) for name, shape in spec.arguments.items()}


def _fault(error: Exception) -> Fault:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        each for each in frames if "site-packages" not in each.filename and "/pressroom/flows/" not in each.filename
    ]
    at = (ours or list(frames))[-1] if frames else None
    return Fault(
        kind=type(error).__name__,
        message=error.message if isinstance(error, PressroomError) else str(error),
        next_step=error.next_step if isinstance(error, PressroomError) else "",
        file=at.filename if at else "",
        line=(at.lineno or 0) if at else 0,
        trace="".join(traceback.format_exception(error, limit=-_SHOWN_FRAMES)),
    )
