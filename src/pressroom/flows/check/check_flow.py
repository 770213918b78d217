"""Checking a flow before it runs."""

import inspect
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from pressroom.flows.calls import Call
from pressroom.flows.check.by_text import findings_in_text, steps_called
from pressroom.flows.check.by_types import element_of, made_by, mismatch, unkept_part
from pressroom.flows.check.finding import Finding, Weight, by_place
from pressroom.flows.code.reach import reach
from pressroom.flows.flow import Flow
from pressroom.flows.step import Step
from pressroom.values import PressroomError, format_size

_MISSING = "there is no module "


def check_flow(
    flow: Flow[..., Any], *, memory_bytes: int, facts: Collection[str], calls: Callable[[], list[Call]]
) -> list[Finding]:
    """Everything that can be said of a flow without running a step. `memory_bytes` is what the machine has, `facts` are
    the fact types that there are, and `calls` reads the flow's body for the calls that it makes.
    """
    file = Path(flow.function.__code__.co_filename)
    steps = [each for each in vars(sys.modules[flow.function.__module__]).values() if isinstance(each, Step)]
    found = [*findings_in_text(file), *_unknown_facts(flow, facts)]
    spoken = steps_called(file)
    for step in {id(each): each for each in steps}.values():
        found += _of_step(step, memory_bytes)
        if step.function.__module__ == flow.function.__module__ and step.name not in spoken:
            found.append(_warning(step, "is called by no flow of this file.", "Call it, or take it away."))
    found += _of_calls(flow, calls)
    return sorted(set(found), key=by_place)


def _of_step(step: Step[..., Any], memory_bytes: int) -> Iterator[Finding]:
    for words in reach(step.function).unknown:
        if words.startswith(_MISSING):
            named = words.removeprefix(_MISSING)
            yield _error(step, f"needs the module {named}, which is not installed.", f"Install {named} where it runs.")
        else:
            yield _warning(
                step, f"will run every time: {words}.", "Hand it over as an argument, or keep plain data there."
            )
    try:
        hints = step.hints()
    except PressroomError as error:
        yield _error(step, error.message, error.next_step)
        return
    for name, annotation in hints.items():
        part = unkept_part(annotation, together=name != "return")
        if part:
            what = "returns" if name == "return" else f"takes as {name}"
            yield _error(
                step,
                f"{what} a {part}, which can't be kept.",
                "Hand on plain data, a dataclass, a table, an array or a file.",
            )
    if "return" not in hints:
        yield _warning(
            step, "does not say what it returns, so only plain data comes back as it was.", "Annotate what it returns."
        )
    asked = step.options.most_memory_bytes
    if asked is not None and asked > memory_bytes:
        yield _error(
            step,
            f"may take {format_size(asked)}, and this machine has {format_size(memory_bytes)}.",
            "Lower memory_limit, or run it on a larger machine.",
        )


def _unknown_facts(flow: Flow[..., Any], facts: Collection[str]) -> Iterator[Finding]:
    for name in flow.options.reads:
        if name not in facts:
            yield _at(
                flow.function, flow.name, "error", f"reads facts {name}, which there are not here.", "Apply them."
            )


def _of_calls(flow: Flow[..., Any], calls: Callable[[], list[Call]]) -> Iterator[Finding]:
    """What the flow's body hands to its steps, as far as that can be seen without running one."""
    try:
        made = calls()
    except PressroomError as error:
        yield _at(flow.function, flow.name, "error", error.message, error.next_step)
        return
    returns = {call.number: _hints(call.step).get("return", Any) for call in made}
    for call in made:
        hints = _hints(call.step)
        for name, value in call.arguments.items():
            if name in hints:
                yield from _of_argument(call, name, value, hints[name], made, returns)


def _of_argument(
    call: Call, name: str, value: Any, annotation: Any, made: list[Call], returns: Mapping[int, Any]
) -> Iterator[Finding]:
    inside = made_by(value, returns)
    for number, makes, depth in inside:
        takes = element_of(annotation, depth)
        if mismatch(makes, takes):
            maker = made[number].step.name
            yield _error(
                call.step,
                f"takes {name} as {_shown(takes)}, and {maker}, which makes it, returns {_shown(makes)}.",
                "Mend one of the two annotations, or what is handed on.",
            )
    if not inside and not unkept_part(annotation, together=True):
        try:
            msgspec.convert(value, annotation, dec_hook=_as_it_is)
        except (msgspec.ValidationError, TypeError) as error:
            yield _error(call.step, f"is given {name}={value!r}: {error}.", "Hand on what its annotation says.")


def _as_it_is(kind: type, value: Any) -> Any:
    if isinstance(value, kind):
        return value
    raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")


def _hints(step: Step[..., Any]) -> dict[str, Any]:
    try:
        return step.hints()
    except PressroomError:
        return {}


def _shown(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def _error(step: Step[..., Any], words: str, next_step: str) -> Finding:
    return _at(step.function, step.name, "error", words, next_step)


def _warning(step: Step[..., Any], words: str, next_step: str) -> Finding:
    return _at(step.function, step.name, "warning", words, next_step)


def _at(function: Callable[..., Any], of: str, weight: Weight, words: str, next_step: str) -> Finding:
    code = inspect.unwrap(function).__code__
    return Finding(
        weight=weight, file=code.co_filename, line=code.co_firstlineno, of=of, words=words, next_step=next_step
    )
