"""Lifecycle: which stage an entry is in, who moved it there, when and why.

An entry is private, its owner's alone, until somebody promotes it; a shared one is there for every team. A stage is of
one entry, not of a name: another definition under the same name starts private, for nobody has checked it yet.
"""

from dataclasses import dataclass
from typing import Literal

from pressroom.catalog.entry import Reference
from pressroom.ports import Records
from pressroom.values import Instant, from_document, to_document

Stage = Literal["private", "shared"]
_LIFE = "life"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageChange:
    """An entry came into a stage. `proof` is what was found when it was looked at, in words."""

    stage: Stage
    by: str
    at: Instant
    why: str
    proof: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """All that became of an entry since it was made private, the oldest first."""

    changes: tuple[StageChange, ...] = ()

    def stage(self) -> Stage:
        """The stage it is in."""
        return self.changes[-1].stage if self.changes else "private"


class Stages:
    """The counter for stages: which one an entry is in, and into the next."""

    def __init__(self, records: Records) -> None:
        """Keep lives in these records."""
        self._records = records

    def life(self, reference: Reference) -> Life:
        """What became of an entry; of one that is not kept, nothing yet."""
        record = self._records.get(_LIFE, reference.key())
        return Life() if record is None else from_document(record.document, Life)

    def of(self, reference: Reference) -> Stage:
        """The stage that an entry is in."""
        return self.life(reference).stage()

    def move(self, reference: Reference, change: StageChange) -> Life:
        """Move an entry; its history is kept. Raises VersionConflict when somebody else moved it meanwhile."""
        record = self._records.get(_LIFE, reference.key())
        before = Life() if record is None else from_document(record.document, Life)
        life = Life(changes=(*before.changes, change))
        self._records.put(_LIFE, reference.key(), to_document(life), seen=0 if record is None else record.version)
        return life


def may_use(*, owner: str, user: str, stage: Stage) -> bool:
    """Whether `user` may use what `owner` made: what is shared, one's own, and what is nobody's."""
    return stage == "shared" or not owner or not user or owner == user
