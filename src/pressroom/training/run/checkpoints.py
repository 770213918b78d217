"""The checkpoints of one run in a folder: the newest whole one is gone on from, and only those worth it are kept."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from pressroom.training.run.checkpoint_file import DamagedCheckpoint, Mark, read_checkpoint, write_checkpoint
from pressroom.training.run.kept_state import Kept
from pressroom.values import InvalidInput

_ENDING = ".checkpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Which checkpoints are kept: the `last` so many, the one with the least loss, and one of every `every_s` seconds
    of training (0: none of these).
    """

    last: int = 3
    best: bool = True
    every_s: float = 0.0

    def __post_init__(self) -> None:
        """Refuse to keep nothing: a file may be damaged, so the one before is worth its room."""
        if self.last < 1:
            raise InvalidInput("The last 0 checkpoints are kept.", next_step="Keep one at least, better two.")

    def keeps(self, marks: dict[int, Mark]) -> set[int]:
        """The steps that stay, of those that are there."""
        steps = sorted(marks)
        kept = set(steps[-self.last :])
        known = [step for step in steps if marks[step].loss is not None]
        if self.best and known:
            kept.add(min(known, key=lambda step: (marks[step].loss, step)))
        if self.every_s:
            first: dict[int, int] = {}
            for step in steps:
                first.setdefault(int(marks[step].trained_s // self.every_s), step)
            kept.update(first.values())
        return kept


class Checkpoints:
    """A folder of them. One process writes at a time."""

    def __init__(self, folder: Path, retention: Retention) -> None:
        """See what is there; drafts of processes that were killed are removed."""
        self._folder = folder
        self._retention = retention
        folder.mkdir(parents=True, exist_ok=True)
        for draft in folder.glob(".*.draft"):
            draft.unlink(missing_ok=True)
        self._marks: dict[int, Mark] = {}

    def steps(self) -> list[int]:
        """The steps of which there is a file, in order."""
        return sorted(int(path.stem) for path in self._folder.glob(f"*{_ENDING}") if path.stem.isdigit())

    def save(self, mark: Mark, kept: Kept) -> int:
        """Write one, then remove what is not worth its room; its size in bytes. Raises OSError; the others are safe."""
        size = write_checkpoint(self._path(mark.step), mark, kept)
        self._marks[mark.step] = mark
        keeps = self._retention.keeps(self._marks)
        for step in [each for each in self._marks if each not in keeps]:
            self._path(step).unlink(missing_ok=True)
            del self._marks[step]
        return size

    def newest(self) -> tuple[Mark, Kept, list[str]] | None:
        """The newest that is whole, and a sentence for each that is not, which is put out of the way. None: none is."""
        told: list[str] = []
        found: tuple[Mark, Kept, list[str]] | None = None
        for step in reversed(self.steps()):
            try:
                mark, kept = read_checkpoint(self._path(step))
            except (DamagedCheckpoint, OSError, ValueError) as error:
                told.append(f"The checkpoint of step {step:,} is left out: {error}")
                with contextlib.suppress(OSError):
                    self._path(step).rename(self._path(step).with_suffix(".damaged"))
                continue
            self._marks[step] = mark
            if found is None:
                found = (mark, kept, told)
        return found

    def _path(self, step: int) -> Path:
        return self._folder / f"{step:012}{_ENDING}"
