"""The environment in words: Python, the platform, and the versions of the libraries that some code imports."""

import platform
import re
import sys
from collections.abc import Iterable
from functools import cache
from importlib import metadata

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_EXTRA = re.compile(r";.*\bextra\s*==")


def environment_of(modules: Iterable[str]) -> dict[str, str]:
    """What matters for code that imports these top-level modules: versions by name, those of what they require too.

    A module that belongs to no installed distribution has the version "unknown".
    """
    versions = {"python": platform.python_version(), "platform": f"{sys.platform}-{platform.machine()}"}
    waiting = {name: _distribution_of(name) for name in modules}
    versions |= {name: "unknown" for name, found in waiting.items() if found is None}
    names = [found for found in waiting.values() if found is not None]
    while names:
        name = names.pop()
        if name in versions:
            continue
        found = _version_and_needs(name)
        if found is not None:
            versions[name], needs = found
            names.extend(each for each in needs if each not in versions)
    return dict(sorted(versions.items()))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def _version_and_needs(name: str) -> tuple[str, tuple[str, ...]] | None:
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
    # What an extra asks for is installed by somebody's wish, not by this library's.
    needs = [_REQUIREMENT.match(line) for line in found.requires or () if not _EXTRA.search(line)]
    return found.version, tuple(_plain(match.group(1)) for match in needs if match)


@cache
def _distribution_of(module: str) -> str | None:
    """The distribution that a top-level module comes from; the usual case is that both are called the same."""
    if _version_and_needs(_plain(module)) is not None:
        return _plain(module)
    return _by_module().get(module)


@cache
def _by_module() -> dict[str, str]:
    return {module: _plain(names[0]) for module, names in metadata.packages_distributions().items()}
