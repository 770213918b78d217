"""The place where a job is going to run, as it is: what is installed, what can be written, what there is."""

import ast
import importlib.metadata
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psutil

from pressroom.values import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedPlace:
    """What a job asks of its place.

    `needs` gives a range of versions (or "") for each distribution, `code` the files whose imports must be there,
    `checkpoints` the folder that is written to, and `disk_bytes` how much all of it takes; `secrets` are names of
    environment variables. None asks for nothing.
    """

    checkpoints: Path | None = None
    disk_bytes: int = 0
    memory_bytes: int = 0
    cpus: int = 0
    device: str = "cpu"
    needs: Mapping[str, str] = field(default_factory=dict)
    code: tuple[Path, ...] = ()
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What there is. `unwritable` says why nothing can be written to the folder of checkpoints ("": it can be);
    `versions` holds what is installed of what is needed, `absent` the modules that the code imports and nobody finds.
    """

    now: Instant
    unwritable: str
    free_disk_bytes: int
    memory_bytes: int
    cpus: int
    devices: tuple[str, ...]
    versions: Mapping[str, str]
    absent: tuple[tuple[str, str], ...]
    unset: tuple[str, ...]


def look_around(expected: ExpectedPlace, *, now: Instant, devices: tuple[str, ...] = ("cpu",)) -> Place:
    """See what the place of this very process is like. Writes a file to the folder of checkpoints, and removes it."""
    folder = expected.checkpoints
    why = "" if folder is None else _why_unwritable(folder)
    return Place(
        now=now,
        unwritable=why,
        free_disk_bytes=0 if folder is None or why else shutil.disk_usage(folder).free,
        memory_bytes=psutil.virtual_memory().total,
        cpus=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        devices=devices,
        versions=_versions(expected.needs),
        absent=tuple(absent_modules(expected.code)),
        unset=tuple(name for name in expected.secrets if not os.environ.get(name)),
    )


def absent_modules(files: Iterable[Path]) -> Iterable[tuple[str, str]]:
    """Modules that files import at their own level and that are not there, each with "file:line".

    Imports inside of `try` are left out: they have a second way. A file that is no Python is said as such.
    """
    for file in files:
        try:
            tree = ast.parse(file.read_bytes())
        except (OSError, SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 1
            yield f"(it can't be read: {getattr(error, 'msg', error)})", f"{file}:{line}"
            continue
        for node in tree.body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                root = name.partition(".")[0]
                if find_spec(root) is None and not _beside(file, root):
                    yield root, f"{file}:{node.lineno}"


def _beside(file: Path, module: str) -> bool:
    """Whether a module lies beside the file, as it does for a script."""
    return (file.parent / f"{module}.py").exists() or (file.parent / module).is_dir()


def _versions(needs: Mapping[str, str]) -> dict[str, str]:
    """The versions of what is installed."""
    found: dict[str, str] = {}
    for name in needs:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _why_unwritable(folder: Path) -> str:
    """Write as a checkpoint is written: a file, made durable, moved into place. Says what the system says."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".preflight-") as inside:
            with open(Path(inside) / "draft", "wb") as file:
                file.write(b"\0" * 4096)
                file.flush()
                os.fsync(file.fileno())
            Path(inside, "draft").rename(Path(inside) / "kept")
    except OSError as error:
        return error.strerror or str(error)
    return ""
