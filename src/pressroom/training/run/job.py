"""A training as it is declared: a function of its run, and what it asks of data, place, time and money."""

import functools
import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from pressroom.training.preflight.expected import ExpectedData
from pressroom.training.preflight.place import ExpectedPlace
from pressroom.training.run.train_run import RunOptions, TrainRun
from pressroom.values import InvalidInput, check_name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finished:
    """What a training came to: the model, rows to prove its export on, what it predicts, and what it was measured at.

    `sample` has the model's inputs and nothing else, in their order; `target` names what is predicted.
    """

    model: object
    sample: pa.Table
    target: str
    metrics: Mapping[str, float] = field(default_factory=dict)


Trains = Callable[[TrainRun], Finished]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """What a job asks for. `data` gives the rows that it learns from and what they are, for preflight to look at."""

    place: ExpectedPlace = field(default_factory=ExpectedPlace)
    data: Callable[[], tuple[pa.Table, ExpectedData]] | None = None
    run: RunOptions = field(default_factory=RunOptions)
    most_s: float | None = None
    budget: float | None = None


class TrainingJob:
    """A function as a training job. It takes its run and returns what it came to."""

    def __init__(self, function: Trains, options: JobOptions) -> None:
        """Wrap a function."""
        if not isinstance(function, types.FunctionType) or len(inspect.signature(function).parameters) != 1:
            raise InvalidInput(
                f"{function!r} is no training job.", next_step="Put @training_job above a `def` that takes its run."
            )
        functools.update_wrapper(self, function)
        self.function = function
        self.options = options
        self.name = check_name(function.__name__, what="a training job")
        self.file = Path(function.__code__.co_filename)

    def __call__(self, folder: Path | str) -> Finished:
        """Train in a folder, or go on there, in this process."""
        with TrainRun(Path(folder), self.options.run) as run:
            return self.function(run)


def training_job(
    *,
    place: ExpectedPlace | None = None,
    data: Callable[[], tuple[pa.Table, ExpectedData]] | None = None,
    run: RunOptions | None = None,
    most_s: float | None = None,
    budget: float | None = None,
) -> Callable[[Trains], TrainingJob]:
    """Make a function a training job: `@training_job(most_s=28 * 86_400)` above `def ranker(run): ...`.

    `most_s` is how long it may take, `budget` what it may cost in the price book's currency.
    """
    options = JobOptions(
        place=place or ExpectedPlace(), data=data, run=run or RunOptions(), most_s=most_s, budget=budget
    )
    return lambda function: TrainingJob(function, options)
