"""What attempts do that executors are tried with: each function is one, called with the attempt's folder."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

LONG_S = 30.0
"""For longer than anybody would wait; in seconds."""
_MIB = 1 << 20


def until(happened: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + LONG_S
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


def prepare(about: str) -> None:
    """Nothing to import."""


def leave_pid(folder: Path) -> int:
    """Print, and say who I am."""
    print("hello")  # noqa: T201  (what it prints is what is tested)
    (folder / "pid").write_text(str(os.getpid()))
    return 0


def say_what_i_am(folder: Path) -> int:
    """Print what a step may have changed of its process."""
    random = getattr(sys.modules.get("numpy.random"), "get_state", lambda: ())
    mask = os.umask(0o022)
    os.umask(mask)
    print(sorted(os.environ), len(sys.argv), len(sys.path), mask, signal.getsignal(signal.SIGTERM) is signal.SIG_IGN)  # noqa: T201
    print(str(random()), threading.active_count(), sys.stdout is sys.__stdout__)  # noqa: T201
    return 0


def change_what_i_am(folder: Path) -> int:
    """Change all of that, and leave a thread behind."""
    os.environ["PRESSROOM_LEFT_BEHIND"] = "1"
    os.chdir("/")
    os.umask(0o077)
    sys.argv.append("more")
    sys.path.insert(0, "/nowhere")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    threading.Thread(target=time.sleep, args=(LONG_S,), daemon=True).start()
    return 0


def leave_a_beat(folder: Path) -> int:
    """Return, and leave somebody who writes on."""
    if os.fork() == 0:
        while True:
            with (folder / "beat").open("ab") as file:
                file.write(b".")
            time.sleep(0.05)
    return 0


def meet(folder: Path) -> int:
    """Say that I am here, and wait until all are."""
    (folder / "here").touch()
    until((folder / "go").exists)
    return 0


def fail(folder: Path) -> int:
    """Raise."""
    raise ValueError("no")


def leave_with_0(folder: Path) -> int:
    """Do nothing."""
    return 0


def leave_with_7(folder: Path) -> int:
    """Say 7."""
    return 7


def kill_myself(folder: Path) -> int:
    """End by a signal that can't be caught."""
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def work_hard(folder: Path) -> int:
    """Use a fifth of a second and 100 MiB."""
    held = bytearray(os.urandom(1)) * (100 * _MIB)
    start = time.process_time()
    while time.process_time() - start < 0.25:
        held[0] = (held[0] + 1) % 256
    return 0


def sleep_long(folder: Path) -> int:
    """Wait for longer than anybody would."""
    (folder / "started").write_text(str(os.getpid()))
    time.sleep(LONG_S)
    return 0


def sleep_deaf(folder: Path) -> int:
    """The same, and hear nothing."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return sleep_long(folder)


def hold_much(folder: Path) -> int:
    """Hold 400 MiB."""
    held = bytearray(os.urandom(1)) * (400 * _MIB)
    time.sleep(LONG_S)
    return len(held)


def beat_long(folder: Path) -> int:
    """Show for a long time that I live."""
    end = time.monotonic() + LONG_S
    while time.monotonic() < end:
        with (folder / "alive").open("a") as file:
            file.write(".")
        time.sleep(0.05)
    return 0


def leave_a_child(folder: Path) -> int:
    """Start a process and end before it."""
    if os.fork() == 0:
        beat_long(folder)
        os._exit(0)
    until((folder / "alive").exists)
    return 0


def write_much(folder: Path) -> int:
    """Fill 400 MiB of disk, 10 MiB a file."""
    for number in range(40):
        (folder / f"file{number}").write_bytes(b"1" * (10 * _MIB))
        time.sleep(0.02)
    time.sleep(LONG_S)
    return 0


def write_on(folder: Path) -> int:
    """Add my name to what outlives me."""
    inside = Path((folder / "what").read_text()) / "inside"
    inside.mkdir(parents=True, exist_ok=True)
    with (inside / "checkpoint").open("a") as file:
        file.write(f"{folder.name} ")
    draft = inside / "draft"
    draft.touch()
    draft.rename(inside / "renamed")
    return 0


def fill_lasting(folder: Path) -> int:
    """The same as `write_much`, where it outlives me."""
    return write_much(Path((folder / "what").read_text()))
