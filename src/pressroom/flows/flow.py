"""Flows: Python functions that call steps."""

import functools
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar, get_type_hints, overload

import msgspec

from pressroom.flows.errors import BadFlow
from pressroom.flows.schedule import Schedule
from pressroom.tiers import Tier, tier_named
from pressroom.values import InvalidInput, Period, check_name, parse_period, to_document

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowOptions:
    """Whose a flow is, how urgent it is, when it runs by itself, and which fact types it reads in the period that it is
    run for.
    """

    owner: str = ""
    tier: Tier = "batch"
    schedule: Schedule | None = None
    reads: tuple[str, ...] = ()


class Flow(Generic[P, R]):
    """A function as a flow. Called by itself it is the function, and so are its steps."""

    def __init__(self, function: Callable[P, R], options: FlowOptions) -> None:
        """Wrap a function."""
        if not isinstance(function, types.FunctionType):
            raise BadFlow(f"{function!r} is no function.", next_step="Put @flow above a `def`.")
        functools.update_wrapper(self, function)
        self.function = function
        self.options = options
        self.name = check_name(function.__name__, what="a flow")
        self.doc = inspect.cleandoc(function.__doc__ or "")
        self._signature = inspect.signature(function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Plain Python, without record, cache or other processes."""
        return self.function(*args, **kwargs)

    def bind(self, given: Mapping[str, Any], *, as_text: bool = False) -> dict[str, Any]:
        """Parameters by name, checked against the annotations; `as_text` reads "0.1" as what the parameter is.

        Raises BadFlow naming the parameter and what it expects.
        """
        try:
            bound = self._signature.bind(**given)
        except TypeError as error:
            raise BadFlow(f"{self.name}: {error}.", next_step=f"It takes {self._signature}.") from error
        hints = get_type_hints(self.function)
        for name, value in bound.arguments.items():
            kind = hints.get(name, str if as_text else Any)
            try:
                given_value = _to_period(value) if kind is Period else value
                bound.arguments[name] = msgspec.convert(given_value, kind, strict=not as_text, dec_hook=_to_path)
            except (msgspec.ValidationError, InvalidInput) as error:
                raise BadFlow(
                    f"{self.name}: the parameter {name} is {value!r}: {error}.",
                    next_step=f"It takes {self._signature}.",
                ) from error
        bound.apply_defaults()
        return dict(bound.arguments)

    def period_parameter(self) -> str | None:
        """The parameter that takes the period which a run is for: the first that is annotated as a `Period`."""
        hints = get_type_hints(self.function)
        return next((name for name in self._signature.parameters if hints.get(name) is Period), None)

    def given_period(self, period: Period) -> dict[str, Any]:
        """Its parameters for a run by schedule or backfill. Raises BadFlow where one has no value."""
        name = self.period_parameter()
        return self.bind({} if name is None else {name: period})

    def written(self, parameters: Mapping[str, Any]) -> str:
        """Parameters as JSON, for the record, from which a run is taken up again."""
        try:
            plain = {name: str(value) if isinstance(value, Path) else value for name, value in parameters.items()}
            return to_document(plain).decode()
        except TypeError as error:
            raise BadFlow(
                f"{self.name}: a parameter can't be written down: {error}.", next_step="Give plain data, or a path."
            ) from error


def as_flow(found: object) -> Flow[..., Any]:
    """Something that was looked up, if it is a flow. Raises BadFlow."""
    if not isinstance(found, Flow):
        raise BadFlow(f"{found!r} is no flow.", next_step="Put @flow above it, or name another.")
    return found


def _to_period(value: Any) -> Any:
    return parse_period(value) if isinstance(value, str) else value


def _to_path(kind: type, value: Any) -> Any:
    if isinstance(value, str | Path) and issubclass(kind, Path):
        return Path(value)
    raise NotImplementedError


@overload
def flow(function: Callable[P, R], /) -> Flow[P, R]: ...
@overload
def flow(
    *, owner: str = "", tier: Tier = "batch", schedule: Schedule | None = None, reads: Sequence[str] = ()
) -> Callable[[Callable[P, R]], Flow[P, R]]: ...
def flow(
    function: Callable[P, R] | None = None,
    /,
    *,
    owner: str = "",
    tier: Tier = "batch",
    schedule: Schedule | None = None,
    reads: Sequence[str] = (),
) -> Flow[P, R] | Callable[[Callable[P, R]], Flow[P, R]]:
    """Make a function a flow: `@flow` or `@flow(owner="ads-rank")`. Its parameters are plain data with defaults.

    Its attempts wait and work in the `tier`: serving, production, interactive, batch or backfill. With a `schedule`
    (`cron`, `interval` or `when`), `pressroom schedule` runs it; a parameter that is annotated as a `Period` is given
    the period that the run is for. `reads` names the fact types that it reads in that period: when they change later,
    the period is stale. Those that `when` waits for are read in any case.
    """
    named = {*reads, *(schedule.facts if schedule is not None else ())}
    options = FlowOptions(owner=owner, tier=tier_named(tier), schedule=schedule, reads=tuple(sorted(named)))
    if function is not None:
        return Flow(function, options)
    return lambda wrapped: Flow(wrapped, options)
