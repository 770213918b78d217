"""Progress: how far a step is, and what it has found so far, told while it runs."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from pressroom.flows.errors import BadFlow
from pressroom.ports import left_in

Plain = None | bool | int | float | str
_FILE = "progress"
_EVERY_S = 0.1
_FOLDER: ContextVar["_Telling | None"] = ContextVar("pressroom_progress", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """So much is done, of so much in all (None: nobody knows); and what was found so far, by name."""

    done: float
    total: float | None = None
    found: dict[str, Plain] = field(default_factory=dict)

    def words(self) -> str:
        """Progress as a phrase: `3/10 loss=0.25`."""
        of = "" if self.total is None else f"/{self.total:g}"
        return " ".join([f"{self.done:g}{of}", *(f"{name}={_short(each)}" for name, each in self.found.items())])


def progress(done: float, total: float | None = None, /, **found: Plain) -> None:
    """Say from within a step how far it is, and what it has found so far: `pr.progress(3, 10, loss=0.25)`.

    It is shown by `pressroom run` and `run-logs --follow`, and written ten times a second at most, so calling it often
    costs little. Outside of a run nothing happens. Raises BadFlow for values that are not plain.
    """
    telling = _FOLDER.get()
    if telling is not None:
        telling.tell(Progress(done=done, total=total, found=found))


@contextmanager
def telling_to(folder: Path) -> Generator[None]:
    """Within this block, progress goes to an attempt's folder."""
    telling = _Telling(folder)
    token = _FOLDER.set(telling)
    try:
        yield
    finally:
        _FOLDER.reset(token)
        telling.write()


def read_progress(folder: Path) -> Progress | None:
    """What an attempt said last, if it said anything."""
    try:
        return msgspec.json.decode(left_in(folder, _FILE), type=Progress)
    except FileNotFoundError:
        return None


class _Telling:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: Progress | None = None
        self._written = 0.0

    def tell(self, said: Progress) -> None:
        values: dict[str, object] = {**said.found}
        wrong = next((name for name, each in values.items() if not isinstance(each, Plain)), None)
        if wrong is not None:
            raise BadFlow(
                f"What was found so far as {wrong} is no plain value.", next_step="Tell numbers, text, true or false."
            )
        self._waiting = said
        if time.monotonic() - self._written > _EVERY_S:
            self.write()

    def write(self) -> None:
        if self._waiting is not None:
            draft = self._folder / f"{_FILE}.draft"
            draft.write_bytes(msgspec.json.encode(self._waiting))
            draft.rename(self._folder / _FILE)
            self._waiting = None
            self._written = time.monotonic()


def _short(value: Plain) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
