"""A long run as it is declared: the job, and what it asks of data, place, time and money."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from pressroom.training.lasting.job import TrainingJob
from pressroom.training.preflight.expected import ExpectedData
from pressroom.training.preflight.place import ExpectedPlace


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LongRun:
    """What is going to run for a long time, in a file of its own under a name of its own.

    `sample` gives rows as the finished model takes them, with its inputs and nothing else, and `target` names what it
    predicts. `data` gives the rows that the job learns from and says what they are. The run may take `most_s` seconds
    and cost `budget` in the price book's currency; None is no limit.
    """

    job: TrainingJob
    sample: Callable[[], pa.Table]
    target: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    data: Callable[[], tuple[pa.Table, ExpectedData]] | None = None
    place: ExpectedPlace = field(default_factory=ExpectedPlace)
    most_s: float | None = None
    budget: float | None = None
