"""How a training is done, and the groups of rounds that boosting is done in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pressroom.training.lasting.cadence import Cadence
from pressroom.training.lasting.guard import Guard
from pressroom.training.lasting.retention import Keep
from pressroom.training.lasting.together import Together


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOptions:
    """How a run is done. `settings` decide what is trained: a checkpoint of others is refused. `on_bad` says what
    becomes of a batch whose loss is bad: "stop", or "skip": back to the last good checkpoint, and on without it. When
    nothing was heard for `silent_after_s` (0: for any time), and for far longer than usual, that is told. More memory
    than `most_memory_bytes` it may not have (0: all that there is). `together` are the workers that train it side by
    side.
    """

    seed: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)
    cadence: Cadence = field(default_factory=Cadence)
    keep: Keep = field(default_factory=Keep)
    guard: Guard = field(default_factory=Guard)
    on_bad: Literal["stop", "skip"] = "stop"
    silent_after_s: float = 300.0
    most_memory_bytes: int = 0
    together: Together = field(default_factory=Together)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Rounds of boosting to do at once: the number of the first, how many, and the seed that they draw from."""

    first: int
    count: int
    seed: int
