"""Learners: recipes that fit a model to coded rows, stop when other rows say so, and keep to a time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from pressroom.models import Floats
from pressroom.training.tables.task import Task

SEED = 20130101
Told = Callable[[int, int], None]
"""How far it is: done, of how many."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Coded rows to learn from and to stop by, with their targets; until when (perf_counter), and whom to tell."""

    task: Task
    x: Floats
    y: Floats
    stop_x: Floats
    stop_y: Floats
    until: float
    told: Told

    def over(self) -> bool:
        """Whether the time is over."""
        return time.perf_counter() > self.until


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Learnt:
    """What was fitted. `margin`: it answers log-odds, not chances. `words` say how it stopped."""

    fitted: object
    margin: bool = False
    words: str = ""
    tolerance: float = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """A recipe. `trees`: it takes nulls and raw numbers; else all columns are filled and scaled. `needs` are modules
    that are imported before the clock runs.
    """

    name: str
    words: str
    trees: bool
    fit: Callable[[Rows], Learnt]
    needs: tuple[str, ...]

    def installed(self) -> bool:
        """Whether its framework is."""
        return all(find_spec(module.partition(".")[0]) is not None for module in self.needs)
