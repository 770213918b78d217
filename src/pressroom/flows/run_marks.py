"""Marks of runs: which process each is in, for as long as it lasts; a mark whose process is gone is of a run that was
lost.
"""

from contextlib import suppress
from pathlib import Path

from pressroom.flows.scheduling.process import Process, is_alive, this_process
from pressroom.values import InvalidInput, from_document, to_document


class RunMarks:
    """One small file a run, in a folder of their own, so that runs of years need not be looked through."""

    def __init__(self, folder: Path) -> None:
        """The folder is made with the first mark."""
        self._folder = folder

    def put(self, run: str) -> None:
        """The run is in this process."""
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{run}.draft"
        draft.write_bytes(to_document(this_process()))
        draft.rename(self._folder / run)

    def remove(self, run: str) -> None:
        """It has ended."""
        (self._folder / run).unlink(missing_ok=True)

    def living(self, run: str) -> Process | None:
        """Its process, if that lives."""
        with suppress(FileNotFoundError, InvalidInput):
            process = from_document((self._folder / run).read_bytes(), Process)
            return process if is_alive(process) else None
        return None

    def lost(self) -> list[str]:
        """Runs whose processes are gone without having ended them."""
        names = [each.name for each in self._folder.iterdir()] if self._folder.is_dir() else []
        return [name for name in sorted(names) if not name.startswith(".") and self.living(name) is None]
