"""Steps: plain functions that a run may do in another process, once, and remember."""

import functools
import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypedDict, TypeVar, Unpack, get_type_hints, overload

from pressroom.flows.current import current
from pressroom.flows.errors import BadFlow
from pressroom.values import MICROSECONDS, parse_duration, parse_size

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOptions:
    """How a step is run. None of it has a part in what identifies its result, but for `cache` and `image`. An empty
    `runs_in` is the executor that the workspace's settings name.
    """

    cache: bool = True
    retries: int = 0
    most_wall_s: float | None = None
    most_memory_bytes: int | None = None
    inline: bool = False
    most_disk_bytes: int | None = None
    cpus: float | None = None
    gpus: int = 0
    network: bool | None = None
    isolated: bool = False
    image: str = ""
    runs_in: str = ""
    model: str = ""
    warm: bool = False


class Asked(TypedDict, total=False):
    """What `@step(...)` takes: see `step`."""

    cache: bool
    retries: int
    time_limit: str
    memory_limit: str
    disk_limit: str
    cpus: float
    gpus: int
    network: bool
    isolated: bool
    image: str
    runs_in: str
    inline: bool
    model: str
    warm: bool


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
        self.refuse_limits_that_nobody_keeps()
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise BadFlow(f"{self.name}: {error}.", next_step=f"It takes {self.signature}.") from error
        bound.apply_defaults()
        return run.call(self, dict(bound.arguments))

    def runs_here(self) -> bool:
        """Whether it runs in the flow's own process: it was told to, or it is a closure, which no other process has."""
        return self.options.inline or "<locals>" in self.function.__qualname__

    def refuse_limits_that_nobody_keeps(self) -> None:
        """Raises BadFlow for a closure with limits: in the flow's own process nobody could stop it alone."""
        limited = self.options.most_wall_s is not None or self.options.most_memory_bytes is not None
        if limited and self.runs_here():
            raise BadFlow(
                f"{self.name} has limits that nobody would keep: it runs in the flow's own process, "
                f"{'as inline says' if self.options.inline else 'for it is defined within a function'}.",
                next_step="Define it at the top of the file and hand it what it needs, or take its limits away.",
            )

    def hints(self) -> dict[str, Any]:
        """The annotations of parameters and of what is returned ("return"), as types."""
        try:
            return get_type_hints(self.function)
        except (NameError, TypeError) as error:
            raise BadFlow(f"{self.name}: its annotations can't be read: {error}.", next_step="Mend them.") from error


@overload
def step(function: Callable[P, R], /) -> Step[P, R]: ...
@overload
def step(**asked: Unpack[Asked]) -> Callable[[Callable[P, R]], Step[P, R]]: ...
def step(
    function: Callable[P, R] | None = None, /, **asked: Unpack[Asked]
) -> Step[P, R] | Callable[[Callable[P, R]], Step[P, R]]:
    """Make a function a step: `@step` or `@step(retries=2, time_limit="10min", memory_limit="2GB")`.

    `cache=False` for what is different each time; `inline` runs it in the flow's own process, without limits. A failure
    is tried again at most `retries` times, and not when it fails twice in the same way.

    `runs_in` names the executor ("sandbox"); else the workspace's settings do. What a step asks for, its executor has
    to enforce, or the run is refused: `time_limit`, `memory_limit`, `disk_limit`, `cpus`, `gpus`, `network=False` (or
    True, where there would be none), `isolated` (it sees its inputs, its code and its own folder, no secret
    and no network unless asked), `image` (a container's, by digest: "org/rank@sha256:..."). An attempt waits until its
    cores (1 where none are asked for), its GPUs and the memory of its limit are its own. What it costs is billed to
    `model`, if one is named.

    Each attempt has a process of its own. `warm` allows that one process does several attempts of the step, one after
    the other, which takes a fraction of the time: say it of short steps that leave nothing in modules, since the next
    attempt would find it there. A step with limits, and one behind walls, has its own process all the same.
    """
    options = _options(asked)
    if options.inline and not (options.most_wall_s is None and options.most_memory_bytes is None):
        raise BadFlow(
            "A step with inline=True has limits that nobody would keep.",
            next_step="Take inline away, so that it runs in a process of its own, or the limits.",
        )
    if function is not None:
        return Step(function, options)
    return lambda wrapped: Step(wrapped, options)


def _options(asked: Asked) -> StepOptions:
    """What was asked, read. Raises BadFlow, InvalidInput."""
    unknown = sorted(set(asked) - set(Asked.__annotations__))
    if unknown:
        raise BadFlow(f"A step knows no {unknown[0]!r}.", next_step=f"It knows {', '.join(Asked.__annotations__)}.")
    cpus, gpus, inline, image = (
        asked.get("cpus"),
        asked.get("gpus", 0),
        asked.get("inline", False),
        asked.get("image", ""),
    )
    if (cpus is not None and cpus <= 0) or gpus < 0:
        raise BadFlow(f"A step asks for {cpus} cpus and {gpus} gpus.", next_step="Ask for more than nothing.")
    if image and "@sha256:" not in image:
        raise BadFlow(
            f"The image {image!r} may be another one tomorrow.", next_step='Pin it by its digest: "NAME@sha256:...".'
        )
    if inline and asked.get("runs_in", "inline") != "inline":
        raise BadFlow(f"A step is inline and runs in {asked.get('runs_in')!r}.", next_step="Say one of the two.")
    time_limit, memory_limit, disk_limit = asked.get("time_limit"), asked.get("memory_limit"), asked.get("disk_limit")
    return StepOptions(
        cache=asked.get("cache", True),
        retries=asked.get("retries", 0),
        most_wall_s=None if time_limit is None else parse_duration(time_limit) / MICROSECONDS,
        most_memory_bytes=None if memory_limit is None else parse_size(memory_limit),
        inline=inline,
        most_disk_bytes=None if disk_limit is None else parse_size(disk_limit),
        cpus=cpus,
        gpus=gpus,
        network=asked.get("network"),
        isolated=asked.get("isolated", False),
        image=image,
        runs_in="inline" if inline else asked.get("runs_in", ""),
        model=asked.get("model", ""),
        warm=asked.get("warm", False),
    )
