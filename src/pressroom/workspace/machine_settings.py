"""Settings of the machine that runs share: `[machine]`, `[quotas.TEAM]`, and budgets of teams and flows."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import psutil

from pressroom.costs import Budget
from pressroom.tiers import Quota, Rules, Share
from pressroom.values import MICROSECONDS, InvalidInput, parse_duration, parse_size
from pressroom.workspace.errors import BadSettings

_MACHINE: Mapping[str, type] = {
    "cores": float, "memory": str, "gpus": float, "floor": float, "patience": float, "least_patience": str,
    "min_run": str, "grace": str, "queue": str,
}  # fmt: skip
_QUOTA: Mapping[str, type] = {
    "cpu": float, "memory": str, "gpu": float, "most_cpu": float, "most_memory": str, "most_gpu": float
}  # fmt: skip
_BUDGET: Mapping[str, type] = {"usd": float, "every": str}


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSettings:
    """`[machine]`: `cores`, `memory` ("64GB") and `gpus` that runs may use together; what is left out is what this
    process may use, and no GPU. `floor`, `patience`, `least_patience`, `min_run` and `grace` are those of
    `tiers.Rules`. `queue` is a folder beside pressroom.toml in which all processes meet that share the machine (empty:
    those of this workspace do). `[quotas.TEAM]` says what a team is sure of, and with `most_...` what it may hold at
    most. `[budgets.team.NAME]` and `[budgets.flow.NAME]` have `usd` and `every` ("30d").
    """

    rules: Rules = field(default_factory=lambda: Rules(capacity=own_capacity()))
    queue: str = ""
    budgets: tuple[Budget, ...] = ()


def own_capacity() -> Share:
    """The cores and the memory that this process may use."""
    return Share(cpu=float(len(os.sched_getaffinity(0))), memory_bytes=psutil.virtual_memory().total)


def read_machine(told: Mapping[str, Any]) -> MachineSettings:
    """The settings of the machine, out of all settings. Raises BadSettings (which names the field)."""
    machine = _section(told.get("machine", {}), _MACHINE, place="machine")
    own = own_capacity()
    capacity = Share(
        cpu=machine.get("cores", own.cpu),
        memory_bytes=_bytes(machine, "memory", own.memory_bytes, place="machine"),
        gpu=machine.get("gpus", 0.0),
    )
    quotas = {
        team: _quota(_section(each, _QUOTA, place=f"quotas.{team}"), capacity, place=f"quotas.{team}")
        for team, each in _table(told.get("quotas", {}), place="quotas").items()
    }
    seconds = {
        to: _duration_us(machine[name], place=f"machine.{name}") / MICROSECONDS
        for name, to in (("min_run", "min_run_s"), ("grace", "grace_s"), ("least_patience", "least_patience_s"))
        if name in machine
    }
    plain = {name: machine[name] for name in ("floor", "patience") if name in machine}
    try:
        rules = Rules(capacity=capacity, quotas=quotas, **seconds, **plain)
    except InvalidInput as error:
        raise BadSettings(f"[machine] can't be: {error.message}", next_step=error.next_step) from error
    return MachineSettings(rules=rules, queue=machine.get("queue", ""), budgets=_budgets(told))


def _quota(told: Mapping[str, Any], capacity: Share, *, place: str) -> Quota:
    sure = Share(
        cpu=told.get("cpu", 0.0), memory_bytes=_bytes(told, "memory", capacity.memory_bytes, place=place),
        gpu=told.get("gpu", 0.0),
    )  # fmt: skip
    if not any(name.startswith("most_") for name in told):
        return Quota(sure=sure)
    most = Share(
        cpu=told.get("most_cpu", capacity.cpu),
        memory_bytes=_bytes(told, "most_memory", capacity.memory_bytes, place=place),
        gpu=told.get("most_gpu", capacity.gpu),
    )
    return Quota(sure=sure, most=most)


def _budgets(told: Mapping[str, Any]) -> tuple[Budget, ...]:
    whole = _table(told.get("budgets", {}), place="budgets")
    found: list[Budget] = []
    kinds: tuple[Literal["team", "flow"], ...] = ("team", "flow")
    for unknown in sorted(set(whole) - set(kinds)):
        raise BadSettings(f"[budgets] has an unknown field {unknown!r}.", next_step="It knows team and flow.")
    for whose in kinds:
        for name, each in _table(whole.get(whose, {}), place=f"budgets.{whose}").items():
            place = f"budgets.{whose}.{name}"
            given = _section(each, _BUDGET, place=place)
            if "usd" not in given:
                raise BadSettings(f"[{place}] has no usd.", next_step="Say how many dollars: usd = 20.0.")
            window_us = _duration_us(given.get("every", "30d"), place=f"{place}.every")
            try:
                found.append(Budget(whose=whose, name=name, usd=given["usd"], window_us=window_us))
            except InvalidInput as error:
                raise BadSettings(error.message, next_step=error.next_step) from error
    return tuple(found)


def _table(told: object, *, place: str) -> Mapping[str, Any]:
    if not isinstance(told, Mapping):
        raise BadSettings(f"{place} is {told!r}.", next_step=f"It must be a section: [{place}].")
    return told


def _section(told: object, known: Mapping[str, type], *, place: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in _table(told, place=place).items():
        if name not in known:
            raise BadSettings(f"[{place}] has an unknown field {name!r}.", next_step=f"It knows {', '.join(known)}.")
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (is_number and value >= 0 if known[name] is float else isinstance(value, str)):
            words = "a number, at least 0" if known[name] is float else "text"
            raise BadSettings(f"{place}.{name} is {value!r}.", next_step=f"It must be {words}.")
        found[name] = float(value) if known[name] is float else value
    return found


def _bytes(told: Mapping[str, Any], name: str, default: int, *, place: str) -> int:
    if name not in told:
        return default
    try:
        return parse_size(told[name])
    except InvalidInput as error:
        raise BadSettings(f"{place}.{name} is {told[name]!r}.", next_step='Write "4GB" or so.') from error


def _duration_us(text: str, *, place: str) -> int:
    try:
        return parse_duration(text)
    except InvalidInput as error:
        raise BadSettings(f"{place} is {text!r}.", next_step=error.next_step) from error
