"""What this machine allows: each way to keep an attempt apart is tried before it is relied on.

A program of its own, for a process that has threads had better not be forked; it prints one JSON document.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from pressroom.backends.process import landlock, namespaces
from pressroom.backends.process.cgroup import find_parents
from pressroom.backends.process.walls import Walls, Way
from pressroom.ports import Job

_TRIAL_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Why each way can't be gone; nothing where it can. `groups` is the version of control groups that can be made."""

    against: Mapping[Way, str] = field(default_factory=dict)
    groups: int = 0


def ask_machine(command: tuple[str, ...]) -> Allowed:
    """Try everything here; `command` is what bubblewrap is called with, empty where it is not installed."""
    words = [sys.executable, "-m", "pressroom.backends.process.probe", *command]
    try:
        done = subprocess.run(words, capture_output=True, timeout=_TRIAL_S, check=True)
        return msgspec.json.decode(done.stdout, type=Allowed)
    except (OSError, subprocess.SubprocessError, msgspec.DecodeError) as error:
        reason = f"it could not be tried: {error}"
        return Allowed(against={"namespaces": reason, "bubblewrap": reason, "landlock": reason})


def _namespaces() -> str:
    with tempfile.TemporaryDirectory(prefix="pressroom-") as folder:
        job, root = Path(folder) / "trial", Path(folder) / "root"
        job.mkdir()
        root.mkdir()
        pid = os.fork()
        if pid == 0:
            try:
                namespaces.enter(
                    Job(attempt="trial", folder=str(job), entry=""), Walls(way="namespaces", root=str(root))
                )
                os._exit(0)
            except OSError as error:
                os.write(2, str(error).encode())
            finally:
                os._exit(1)
        _, status = os.waitpid(pid, 0)
        said = (job / "log").read_text(encoding="utf-8", errors="replace") if (job / "log").exists() else ""
        return "" if status == 0 else f"the kernel does not let this user make them ({said or status})"


def _bubblewrap(command: list[str]) -> str:
    if not command:
        return "the command bwrap is not installed"
    tried = subprocess.run([*command, "true"], capture_output=True, check=False, timeout=_TRIAL_S / 2)
    return "" if tried.returncode == 0 else f"it does not work here: {tried.stderr.decode(errors='replace').strip()}"


def _landlock() -> str:
    return "" if landlock.can_restrict() else "this kernel has none, or one before version 3"


def main(command: list[str]) -> None:
    """Print what is allowed."""
    against: dict[Way, str] = {
        "namespaces": _namespaces(),
        "bubblewrap": _bubblewrap(command),
        "landlock": _landlock(),
    }
    parents = find_parents()
    sys.stdout.write(msgspec.json.encode(Allowed(against=against, groups=parents.version if parents else 0)).decode())


if __name__ == "__main__":
    main(sys.argv[1:])
