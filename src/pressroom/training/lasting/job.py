"""A training job: a training as functions that can be called one by one, by whoever checks it before it runs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pressroom.training.lasting.state import State
from pressroom.training.lasting.training_run import TrainingRun

Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingJob:
    """`make(settings)` gives the parts of the state by name. `batches(run, settings)` loops (it calls `run.batches`,
    `run.steps` or `run.rounds`). `step(state, batch)` learns from one batch, and gives the loss, or metrics by name,
    "loss" among them. `evaluate(state)` gives metrics by name, after each epoch; `export(state)` the finished model.
    """

    make: Callable[[Settings], Mapping[str, Any]]
    batches: Callable[[TrainingRun, Settings], Iterator[Any]]
    step: Callable[[State, Any], Any]
    export: Callable[[State], Any]
    evaluate: Callable[[State], Mapping[str, Any]] | None = None
    epochs: int = 1

    def train(self, run: TrainingRun, settings: Settings | None = None) -> Any:
        """All of it, in `run`, from wherever that is: what `export` gives. `settings` are the job's own, of any kind;
        those that decide what is trained belong in the run's settings too.
        """
        given = settings or {}
        with run:
            state = run.state(**self.make(given))
            for _ in run.epochs(self.epochs):
                for batch in self.batches(run, given):
                    tick(run, self.step(state, batch))
                if self.evaluate is not None:
                    run.measure(**self.evaluate(state))
            return self.export(state)


def tick(run: TrainingRun, learned: Any) -> bool:
    """Tick with what a step gave: a loss, metrics by name, or nothing."""
    if isinstance(learned, Mapping):
        return run.tick(**learned)
    return run.tick(learned)
