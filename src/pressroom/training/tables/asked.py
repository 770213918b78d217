"""What is asked of a training on a table, with its defaults."""

from collections.abc import Callable
from dataclasses import dataclass

from pressroom.features import Progress
from pressroom.training.tables.train_table import LEARNERS

Progressing = Callable[[Progress], None]
SECONDS = 120.0


def _nobody(progress: Progress) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableAsked:
    """Which column is learnt (`target`), what all that comes of it is called, and what is known about other columns.

    `time` is the instant of each row, `entity` whom it is about; `known_at` are columns that say when others were
    known; `keep` are columns that stay though they would be left out. `zone` is what instants without a zone are local
    to. `seconds` is how long the learners may fit together, `purpose` what the answers are for.
    """

    target: str
    name: str = ""
    time: str = ""
    entity: str = ""
    known_at: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    zone: str | None = None
    seconds: float = SECONDS
    learners: tuple[str, ...] = LEARNERS
    purpose: str = "operations"
    owner: str = ""
    told: Progressing = _nobody
