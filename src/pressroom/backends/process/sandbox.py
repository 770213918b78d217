"""An executor whose attempts see what they declare, their own folder, and no network, secret or other process."""

import os
import tempfile
from collections.abc import Mapping
from functools import cached_property

from pressroom.backends.process.executor import WATCHED, ProcessExecutor
from pressroom.backends.process.probe import Allowed, ask_machine
from pressroom.backends.process.walls import Walls, Way
from pressroom.ports import Abilities, Ability

WAYS: tuple[Way, ...] = ("namespaces", "bubblewrap", "landlock")


class SandboxExecutor(ProcessExecutor):
    """The processes of the process executor, each behind walls. Which walls, and what keeps the limits, is found out
    when it is first asked; what the machine does not allow is not promised.
    """

    def __init__(
        self,
        *,
        prepare: str,
        about: str,
        shows: tuple[str, ...],
        environment: Mapping[str, str],
        bubblewrap: tuple[str, ...] = (),
        ways: tuple[Way, ...] = WAYS,
    ) -> None:
        """Show Python and its libraries, which lie in `shows`; tell attempts `environment` and no more. The first of
        `ways` that works is gone; `bubblewrap` is the command with its words, empty where there is none.
        """
        super().__init__(prepare=prepare, about=about)
        self._shows = shows
        self._told = {**environment, "HOME": "/tmp", "TMPDIR": "/tmp"}
        self._bubblewrap = bubblewrap
        self._ways = ways
        self._root: tempfile.TemporaryDirectory[str] | None = None

    @property
    def abilities(self) -> Abilities:
        """What the walls that work here keep."""
        way = self._way
        if way == "none":
            said = "; ".join(f"{each}: {self._allowed.against.get(each, 'not tried')}" for each in self._ways)
            return Abilities(executor="sandbox", slots=self._slots, unusable=said)
        return Abilities(executor="sandbox", slots=self._slots, enforces=self._enforced(way))

    def close(self) -> None:
        """Also remove the folder that roots are built on."""
        super().close()
        if self._root is not None:
            self._root.cleanup()
            self._root = None

    @cached_property
    def _allowed(self) -> Allowed:
        return ask_machine(self._bubblewrap)

    @property
    def _way(self) -> Way:
        for way in self._ways:
            if self._allowed.against.get(way) == "":
                return way
        return "none"

    def _enforced(self, way: Way) -> dict[Ability, str]:
        groups = f"control group (version {self._allowed.groups})" if self._allowed.groups else ""
        enforced: dict[Ability, str] = {
            "memory": groups or WATCHED,
            "disk": f"{WATCHED}, and no single file beyond",
            "time": WATCHED,
            "network": "seccomp: no socket but between processes here" if way == "landlock" else f"{way}: its own",
            "paths": f"{way}: the system, declared inputs and its own folder",
            "secrets": "an environment and a memory that never held them",
        }
        if groups:
            enforced["cpu"] = groups
        if groups or os.geteuid() != 0 or way == "namespaces":
            enforced["processes"] = "RLIMIT_NPROC" if way == "namespaces" else groups or "RLIMIT_NPROC"
        return enforced

    def _walls(self) -> Walls:
        if self._root is None:
            self._root = tempfile.TemporaryDirectory(prefix="pressroom-")
        return Walls(
            way=self._way,
            shows=self._shows,
            root=self._root.name,
            command=self._bubblewrap,
            groups=self._allowed.groups > 0,
        )

    def _environment(self) -> Mapping[str, str]:
        return self._told
