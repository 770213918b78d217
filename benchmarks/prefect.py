"""Prefect's fan-out of the same short steps, where PRESSROOM_BENCH_PREFECT names a Python that has it.

Nothing of theirs is installed here. It is used as its own documentation shows first, with its defaults: tasks are
submitted to its thread pool, results are asked for, and what happened is written to its local database. Its process and
server are up before anything is measured.
"""

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_PROGRAM = """
import sys
from prefect import flow, task

@task
def nothing(number: int) -> int:
    return number

@flow
def side_by_side(start: int, count: int = 100) -> int:
    return sum(each.result() for each in [nothing.submit(start + number) for number in range(count)])

for line in sys.stdin:
    print("answer", side_by_side(int(line)), flush=True)
"""
VARIABLE = "PRESSROOM_BENCH_PREFECT"


class Prefect:
    """A process that has Prefect, and runs its flow when it is told to."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(self, start: int) -> int:
        """The sum of what its hundred tasks returned, over what they were given at the least."""
        told, answers = self._process.stdin, self._process.stdout
        assert told is not None
        assert answers is not None
        told.write(f"{start}\n")
        told.flush()
        for line in answers:
            if line.startswith("answer "):
                return int(line.split()[1]) - start * 100
        raise SystemExit(f"Prefect ended with {self._process.wait()}: see {VARIABLE}.")


@contextmanager
def prefect(folder: Path) -> Generator[Prefect | None]:
    """Prefect in a process of its own, or None where none is named."""
    python = os.environ.get(VARIABLE)
    if not python:
        yield None
        return
    file = folder / "prefect_jobs.py"
    file.write_text(_PROGRAM, encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    environment |= {"PREFECT_HOME": str(folder / "prefect"), "PREFECT_LOGGING_LEVEL": "ERROR"}
    process = subprocess.Popen(
        [python, str(file)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Prefect(process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        process.wait(60)
