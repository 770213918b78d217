"""Where a module's source is, and whose it is: ours to read, Python's own, or a library's."""

import importlib.util
import sys
import sysconfig
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Owner = Literal["first-party", "library", "python", "missing"]


_ENTRY = frozenset({"__main__", "__mp_main__"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A module and its source file; `package` is what its relative imports are relative to."""

    owner: Owner
    file: Path | None = None
    package: str = ""


def find_module(name: str) -> Found:
    """Look a module up without importing it (its parents are imported, if they are ours to read)."""
    if name.split(".")[0] in sys.stdlib_module_names:
        return Found(owner="python")
    loaded = sys.modules.get(name)
    spec = getattr(loaded, "__spec__", None)
    file = getattr(loaded, "__file__", None)
    if spec is None and file is None:
        try:
            spec = importlib.util.find_spec(name)
        except (ImportError, ValueError, AttributeError):
            return Found(owner="missing")
        if spec is None:
            return Found(owner="missing")
    origin = file or (spec.origin if spec else None)
    if origin is None or not origin.endswith(".py"):
        # A folder without __init__ has no source of its own; a compiled module belongs to some library.
        is_folder = origin is None and spec is not None and spec.submodule_search_locations is not None
        return Found(owner="first-party" if is_folder else "library")
    path = Path(origin).resolve()
    if name.split(".")[0] == "pressroom" or any(path.is_relative_to(folder) for folder in _libraries()):
        return Found(owner="library")
    is_package = path.name == "__init__.py"
    return Found(owner="first-party", file=path, package=name if is_package else name.rpartition(".")[0])


@cache
def _libraries() -> tuple[Path, ...]:
    """Folders in which libraries are installed, and Python's own."""
    names = ("purelib", "platlib", "stdlib", "platstdlib")
    folders = {Path(sysconfig.get_path(name)).resolve() for name in names}
    folders |= {Path(each).resolve() for each in sys.path if Path(each).name in ("site-packages", "dist-packages")}
    return tuple(sorted(folders))


def first_party_files() -> tuple[str, ...]:
    """The source files of all first-party modules that this process has imported."""
    found = (find_module(name) for name in list(sys.modules) if name.split(".")[0] not in _ENTRY)
    return tuple(sorted({str(each.file) for each in found if each.owner == "first-party" and each.file is not None}))
