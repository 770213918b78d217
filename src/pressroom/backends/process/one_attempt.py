"""One attempt in a process of its own: the child's whole life, and how signals reach it."""

import os
import signal
import traceback
from pathlib import Path
from typing import NoReturn

from pressroom.backends.process import namespaces, other_walls
from pressroom.backends.process.cgroup import Group
from pressroom.backends.process.walls import Walls
from pressroom.ports import LOG, Job, call_entry, to_log


def send_signal(pid: int, number: int) -> None:
    """To all of an attempt's session; to its first process alone where that has made none yet."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        # Its session is not made yet, or it is gone.
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return


def any_left(session: int) -> bool:
    """Kill what is left in a session whose first process has ended; False when there is nothing."""
    try:
        os.killpg(session, signal.SIGKILL)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def live_attempt(job: Job, walls: Walls, group: Group | None) -> NoReturn:
    """The child's whole life."""
    code = 1
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if group is not None:
            group.join()
        _go_in(job, walls)
        code = call_entry(job.entry, Path(job.folder))
    except BaseException:  # noqa: BLE001  (the child ends here whatever happened, and says what)
        traceback.print_exc()
    finally:
        os._exit(code)


def _go_in(job: Job, walls: Walls) -> None:
    """Behind the walls, if there are any; the log is open then."""
    if walls.way == "namespaces":
        namespaces.enter(job, walls)
    elif walls.way == "landlock":
        other_walls.enter_landlock(job, walls)
    elif walls.way == "bubblewrap":
        other_walls.become_bubblewrapped(job, walls)
    else:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        to_log(Path(job.folder) / LOG)
