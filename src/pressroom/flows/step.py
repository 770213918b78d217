"""Steps: plain functions that a run may do in another process, once, and remember."""

import functools
import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar, get_type_hints, overload

from pressroom.flows.current import current
from pressroom.flows.errors import BadFlow
from pressroom.values import MICROSECONDS, parse_duration, parse_size

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOptions:
    """How a step is run. None of it has a part in what identifies its result, but for `cache`."""

    cache: bool = True
    retries: int = 0
    most_wall_s: float | None = None
    most_memory_bytes: int | None = None
    inline: bool = False
    cpus: float = 1.0
    gpus: int = 0
    model: str = ""


class Step(Generic[P, R]):
    """A function as a step. Called outside of a run it is the function; inside, it says what it will make."""

    def __init__(self, function: Callable[P, R], options: StepOptions) -> None:
        """Wrap a function."""
        if not isinstance(function, types.FunctionType):
            raise BadFlow(f"{function!r} is no function.", next_step="Put @step above a `def`.")
        functools.update_wrapper(self, function)
        self.function = function
        self.options = options
        self.name = function.__qualname__.rpartition("<locals>.")[2]
        self.signature = inspect.signature(function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The answer; in a run, what will be made (a `Made`, which other steps take in place of the value)."""
        run = current()
        if run is None:
            return self.function(*args, **kwargs)
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise BadFlow(f"{self.name}: {error}.", next_step=f"It takes {self.signature}.") from error
        bound.apply_defaults()
        return run.call(self, dict(bound.arguments))

    def hints(self) -> dict[str, Any]:
        """The annotations of parameters and of what is returned ("return"), as types."""
        try:
            return get_type_hints(self.function)
        except (NameError, TypeError) as error:
            raise BadFlow(f"{self.name}: its annotations can't be read: {error}.", next_step="Mend them.") from error


@overload
def step(function: Callable[P, R], /) -> Step[P, R]: ...
@overload
def step(
    *,
    cache: bool = True,
    retries: int = 0,
    time_limit: str | None = None,
    memory_limit: str | None = None,
    inline: bool = False,
    cpus: float = 1.0,
    gpus: int = 0,
    model: str = "",
) -> Callable[[Callable[P, R]], Step[P, R]]: ...
def step(  # noqa: PLR0913  (one for each option)
    function: Callable[P, R] | None = None,
    /,
    *,
    cache: bool = True,
    retries: int = 0,
    time_limit: str | None = None,
    memory_limit: str | None = None,
    inline: bool = False,
    cpus: float = 1.0,
    gpus: int = 0,
    model: str = "",
) -> Step[P, R] | Callable[[Callable[P, R]], Step[P, R]]:
    """Make a function a step: `@step` or `@step(retries=2, time_limit="10min", memory_limit="2GB")`.

    `cache=False` for what is different each time; `inline` runs it in the flow's own process, without limits. A failure
    is tried again at most `retries` times, and not when it fails twice in the same way. An attempt waits until `cpus`
    cores, `gpus` GPUs and the memory of its limit are its own. What it costs is billed to `model`, if one is named.
    """
    if not cpus > 0 or gpus < 0:
        raise BadFlow(f"A step asks {cpus} cores and {gpus} GPUs.", next_step="Ask more than 0 cores, 0 GPUs or more.")
    options = StepOptions(
        cache=cache,
        retries=retries,
        most_wall_s=None if time_limit is None else parse_duration(time_limit) / MICROSECONDS,
        most_memory_bytes=None if memory_limit is None else parse_size(memory_limit),
        inline=inline,
        cpus=float(cpus),
        gpus=gpus,
        model=model,
    )
    if function is not None:
        return Step(function, options)
    return lambda wrapped: Step(wrapped, options)
