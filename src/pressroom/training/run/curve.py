"""What a run tells while it runs: metrics by step and events in words, appended to two files that anyone may read."""

import contextlib
import json
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

_EVERY_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something worth a word: at which step, what kind, the words and what to do."""

    step: int
    kind: str
    message: str
    next_step: str = ""


class Curve:
    """Writes at most two lines of metrics a second, each the mean over the steps since the one before."""

    def __init__(self, folder: Path) -> None:
        """Append to the files of a run."""
        self._metrics = open(folder / "metrics.jsonl", "a", encoding="utf-8")  # noqa: SIM115  (closed by close)
        self._events = open(folder / "events.jsonl", "a", encoding="utf-8")  # noqa: SIM115
        self._sums: dict[str, float] = {}
        self._steps = 0
        self._last = time.monotonic()

    def add(self, step: int, trained_s: float, metrics: Mapping[str, float]) -> None:
        """Take the metrics of a step in."""
        self._steps += 1
        for name, value in metrics.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        if time.monotonic() - self._last >= _EVERY_S:
            self.flush(step, trained_s)

    def flush(self, step: int, trained_s: float) -> None:
        """Write what was gathered."""
        if self._steps:
            means = {name: total / self._steps for name, total in self._sums.items()}
            line = {"step": step, "trained_s": round(trained_s, 3), **{k: _plain(v) for k, v in means.items()}}
            self._write(self._metrics, line)
        self._sums, self._steps, self._last = {}, 0, time.monotonic()

    def tell(self, event: Event) -> None:
        """Write an event."""
        line = {"step": event.step, "kind": event.kind, "message": event.message, "next_step": event.next_step}
        self._write(self._events, line)

    def close(self) -> None:
        """Close both files."""
        self._metrics.close()
        self._events.close()

    @staticmethod
    def _write(file: TextIO, line: Mapping[str, object]) -> None:
        # A full disk costs the curve, not the run.
        with contextlib.suppress(OSError):
            file.write(json.dumps(line) + "\n")
            file.flush()


def read_curve(folder: Path) -> Iterator[dict[str, float]]:
    """The metrics of a run by step; steps that were done again after a restore are said once, as they were last."""
    yield from {line["step"]: line for line in _lines(folder / "metrics.jsonl")}.values()


def read_events(folder: Path) -> Iterator[Event]:
    """What was told, in its order."""
    for line in _lines(folder / "events.jsonl"):
        yield Event(step=line["step"], kind=line["kind"], message=line["message"], next_step=line["next_step"])


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.exists():
        return
    for raw in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            yield json.loads(raw)
        except ValueError:
            # The line that a kill cut off.
            continue


def _plain(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)
