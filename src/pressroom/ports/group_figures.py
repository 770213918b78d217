"""What the kernel has counted for a control group: all processes that are or were in it, waited for or not.

Read from inside a container or pod, whose own group is the root of what it sees, and from outside by the group's path.
Both versions of control groups. What a kernel does not count, or does not show here, is None.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

INSIDE = Path("/sys/fs/cgroup")
_CONTROLLERS = ("cpuacct", "memory", "blkio")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigures:
    """CPU seconds; bytes held now (without file pages that could be dropped at once) and at most; bytes that went from
    and to devices, which what stays in the page cache does not.
    """

    cpu_s: float | None = None
    memory_bytes: int | None = None
    peak_bytes: int | None = None
    read_bytes: int | None = None
    written_bytes: int | None = None


def group_figures(folders: Mapping[str, Path]) -> GroupFigures:
    """The figures of a group; its folder is found under "" in version 2, under each controller's name in version 1."""
    return _second(folders[""]) if "" in folders else _first(folders)


def own_folders(root: Path = INSIDE) -> dict[str, Path]:
    """The folders of this process's group, where it is the root of what is seen: in a container."""
    if (root / "cgroup.controllers").exists():
        return {"": root}
    return {each: root / each for each in _CONTROLLERS if (root / each).is_dir()}


def folders_of(process: int, root: Path = INSIDE) -> dict[str, Path]:
    """The folders of another process's group, seen from outside; none when it is gone."""
    found: dict[str, Path] = {}
    for line in _lines(Path(f"/proc/{process}/cgroup")):
        _, controllers, path = line.split(":", 2)
        if controllers == "" and (root / "cgroup.controllers").exists():
            return {"": root / path.lstrip("/")}
        for each in _CONTROLLERS:
            if each in controllers.split(","):
                found[each] = root / each / path.lstrip("/")
    return {name: folder for name, folder in found.items() if folder.is_dir()}


def _second(folder: Path) -> GroupFigures:
    counted, held = _pairs(folder / "cpu.stat"), _number(folder / "memory.current")
    moved = [part.partition("=") for line in _lines(folder / "io.stat") for part in line.split()[1:]]
    there = (folder / "io.stat").exists()
    return GroupFigures(
        cpu_s=counted["usage_usec"] / 1e6 if "usage_usec" in counted else None,
        memory_bytes=_without(held, _pairs(folder / "memory.stat").get("inactive_file")),
        peak_bytes=_number(folder / "memory.peak"),
        read_bytes=_sum(value for name, _, value in moved if name == "rbytes") if there else None,
        written_bytes=_sum(value for name, _, value in moved if name == "wbytes") if there else None,
    )


def _first(folders: Mapping[str, Path]) -> GroupFigures:
    nothing = Path("/nonexistent")
    memory, counted = folders.get("memory", nothing), folders.get("cpuacct", nothing) / "cpuacct.usage"
    nanoseconds, moved = _number(counted), folders.get("blkio", nothing) / "blkio.throttle.io_service_bytes"
    words = [line.split() for line in _lines(moved)]
    there = moved.exists()
    return GroupFigures(
        cpu_s=None if nanoseconds is None else nanoseconds / 1e9,
        memory_bytes=_without(
            _number(memory / "memory.usage_in_bytes"), _pairs(memory / "memory.stat").get("total_inactive_file")
        ),
        peak_bytes=_number(memory / "memory.max_usage_in_bytes"),
        read_bytes=_sum(each[2] for each in words if each[1:2] == ["Read"]) if there else None,
        written_bytes=_sum(each[2] for each in words if each[1:2] == ["Write"]) if there else None,
    )


def _sum(told: Iterable[str]) -> int:
    return sum(int(each) for each in told)


def _without(held: int | None, droppable: int | None) -> int | None:
    return None if held is None else max(0, held - (droppable or 0))


def _pairs(file: Path) -> dict[str, int]:
    return {words[0]: int(words[1]) for words in map(str.split, _lines(file)) if len(words) == 2}


def _number(file: Path) -> int | None:
    with suppress(OSError, ValueError):
        return int(file.read_text(encoding="ascii"))
    return None


def _lines(file: Path) -> list[str]:
    with suppress(OSError):
        return file.read_text(encoding="ascii").splitlines()
    return []
