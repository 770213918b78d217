"""The most memory that a piece of work takes, beyond the data it starts from: `python -m benchmarks.peak WAY FOLDER`.

Each way runs in a process of its own, and so does the loading of the data alone, whose peak is subtracted. VmHWM, not
ru_maxrss: the latter also remembers the process that this one was forked from.
"""

import importlib
import subprocess
import sys
from pathlib import Path

from benchmarks import replicated


def peak_bytes(way: str, folder: Path) -> int:
    """What `way` ("module:function" of tables) takes at most, beyond the tables in `folder`."""
    return _in_process(way, folder, "work") - _in_process(way, folder, "load")


def peak_of_this_process() -> int:
    """In bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1_024


def _in_process(*told: object) -> int:
    command = [sys.executable, "-m", "benchmarks.peak", *map(str, told)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _main(way: str, folder: str, what: str) -> None:
    module, function = way.split(":")
    work = getattr(importlib.import_module(module), function)
    tables = replicated.read(Path(folder))
    if what == "work":
        kept = work(tables)
        assert len(kept)
    print(peak_of_this_process())


if __name__ == "__main__":
    _main(*sys.argv[1:])
