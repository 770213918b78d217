"""Which flows in some files have a schedule. Files are read in a process of their own: what changes in them is seen,
and what they do when they are read can't hurt whoever goes on for months.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pressroom.flows.errors import BadFlow
from pressroom.flows.flow import Flow
from pressroom.flows.load_flow import load_module
from pressroom.flows.schedule import Schedule
from pressroom.values import PressroomError, from_document

_PROGRAM = "pressroom.flows.scheduling.read_declared"
_PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A flow with a schedule. Its name is the schedule's name too."""

    name: str
    file: str
    owner: str
    schedule: Schedule
    reads: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declarations:
    """What was found, and what is wrong: in words, by file."""

    found: tuple[Declared, ...]
    wrong: dict[str, str]

    def named(self, name: str) -> Declared | None:
        """One of them."""
        return next((each for each in self.found if each.name == name), None)


class Files:
    """Some files, read again when one of them changes."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Those that are there of `paths`."""
        self._paths = [path.resolve() for path in paths]
        self._seen: object = None
        self._last = Declarations(found=(), wrong={})

    def look(self) -> Declarations:
        """What they declare now."""
        seen = [(path, status.st_mtime_ns, status.st_size) for path in self._paths if (status := _stat(path))]
        if seen != self._seen:
            self._last = _ask([path for path, _, _ in seen])
            self._seen = seen
        return self._last


def declared_in(file: Path) -> list[Declared]:
    """The flows with a schedule in a file. Raises BadFlow."""
    module = load_module(file)
    flows = {id(each): each for each in vars(module).values() if isinstance(each, Flow)}
    found: list[Declared] = []
    for flow in flows.values():
        options = flow.options
        if options.schedule is None or flow.function.__module__ != module.__name__:
            continue
        period = options.schedule.period(options.schedule.next_tick(0))
        flow.given_period(period)
        found.append(
            Declared(
                name=flow.name, file=str(file), owner=options.owner, schedule=options.schedule, reads=options.reads
            )
        )
    return found


def read_files(files: Sequence[Path]) -> Declarations:
    """What files declare; one that can't be read is told, and the others are read. Two of a name are wrong."""
    found: dict[str, Declared] = {}
    wrong: dict[str, str] = {}
    for file in files:
        try:
            for each in declared_in(file):
                twin = found.setdefault(each.name, each)
                if twin != each:
                    raise BadFlow(
                        f"{each.name} has a schedule in {Path(twin.file).name} too.", next_step="Rename one of them."
                    )
        except PressroomError as error:
            wrong[str(file)] = str(error)
    return Declarations(found=tuple(found.values()), wrong=wrong)


def _ask(files: Sequence[Path]) -> Declarations:
    words = [sys.executable, "-m", _PROGRAM, *map(str, files)]
    done = subprocess.run(words, capture_output=True, check=False, timeout=_PATIENCE_S)
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", errors="backslashreplace").strip().splitlines()
        return Declarations(found=(), wrong={str(file): said[-1] if said else "it can't be read" for file in files})
    return from_document(done.stdout.splitlines()[-1], Declarations)


def _stat(path: Path) -> os.stat_result | None:
    return path.stat() if path.is_file() else None
