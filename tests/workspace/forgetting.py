"""Forgets a subject in a workspace's folder, and is killed (`kill -9`) at one of its writes.

`python forgetting.py FOLDER ENTITY SUBJECT N AFTER`: at the N-th write, before it, or behind it if AFTER is 1. Without
a kill, it says how many writes there were.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from pressroom.testing.clock import TurnedClock
from pressroom.workspace import open_workspace

WRITES = {
    "blobs": ("put", "delete"),
    "records": ("put", "delete", "scrub"),
    "tables": ("append", "rewrite", "vacuum"),
    "keys": ("put_many", "delete_many", "scrub"),
    "log": ("append", "trim"),
}


class Killer:
    """Counts writes, and kills this process at one of them."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.seen = 0
        self._at, self._after = at, after

    def around(self, write: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object, **more: object) -> object:
            self.seen += 1
            due = self.seen == self._at
            if due and not self._after:
                os.kill(os.getpid(), signal.SIGKILL)
            told = write(*arguments, **more)
            if due:
                os.kill(os.getpid(), signal.SIGKILL)
            return told

        return counted


def main() -> None:
    folder, entity, subject, at, after = sys.argv[1:]
    killer = Killer(int(at), after=after == "1")
    with open_workspace(Path(folder), clock=TurnedClock("2025-04-10T00:00Z")) as workspace:
        for port, names in WRITES.items():
            store = getattr(workspace.ports, port)
            for name in names:
                setattr(store, name, killer.around(getattr(store, name)))
        workspace.forgetting.forget(entity, subject)
    sys.stdout.write(f"{killer.seen}\n")


if __name__ == "__main__":
    main()
