"""A fence around code that somebody else wrote: what this machine offers to keep a process from the network and files.

bubblewrap is used where it is installed: the process sees Python and its libraries, read only, and nothing else.
Without it, `unshare` of util-linux takes the network away, and this user's files stay within reach.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

_TRIAL_S = 10.0
_NETWORK = "the network"
_FILES = "this user's files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """Words to put before a command, and what they do not keep it from."""

    command: tuple[str, ...]
    lacks: tuple[str, ...]


def build_fence() -> Fence:
    """The best fence that works here; each is tried before it is relied on."""
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is not None:
        command = bubblewrap_command(bubblewrap, visible_folders())
        if _works(command):
            return Fence(command=command, lacks=())
    unshare = shutil.which("unshare")
    if unshare is not None:
        command = (unshare, "--user", "--net", "--ipc", "--pid", "--fork", "--kill-child")
        if _works(command):
            return Fence(command=command, lacks=(_FILES,))
    return Fence(command=(), lacks=(_NETWORK, _FILES))


def bubblewrap_command(bubblewrap: str, folders: tuple[str, ...]) -> tuple[str, ...]:
    """All namespaces its own, only `folders` to be seen, nothing to be written but a scratch /tmp."""
    shown = [word for folder in folders for word in ("--ro-bind-try", folder, folder)]
    return (
        bubblewrap, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--proc", "/proc",
        "--dev", "/dev", "--tmpfs", "/tmp", *shown, "--chdir", "/",
    )  # fmt: skip


def visible_folders() -> tuple[str, ...]:
    """Where Python, its libraries and this package live; parents before what is inside them."""
    system = ["/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache"]
    own = [sys.prefix, sys.base_prefix, str(Path(__file__).parents[2]), *sysconfig.get_paths().values()]
    return tuple(dict.fromkeys([*system, *sorted(folder for folder in own if Path(folder).exists())]))


def bare_environment() -> dict[str, str]:
    """What an isolated process is told: where its modules are, and to use one thread. No secret of this process."""
    paths = [str(Path(__file__).parents[2]), *(path for path in sys.path if path and Path(path).is_dir())]
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
        **dict.fromkeys(threads, "1"),
    }


def _works(command: tuple[str, ...]) -> bool:
    try:
        tried = subprocess.run([*command, "true"], capture_output=True, timeout=_TRIAL_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0
