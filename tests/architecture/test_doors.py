"""Across rooms import the door, inside a room import the file, never your own door. import-linter can't see this."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

HOUSE = "pressroom"
WITHOUT_NAMES = {"backends", "testing"}
"""Rooms whose doors offer no names: one is entered at its files, the other at its suites."""
PAST_THE_DOOR = {("workspace", "backends"), ("__main__", "doors")}
"""Who may import another's files: the wiring takes the backends that it needs, `python -m` starts the command line."""


def dotted(path: Path) -> str:
    """`pressroom/facts/__init__.py` is the module pressroom.facts."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def files_behind_doors(house: Mapping[Path, ast.Module]) -> set[str]:
    """Every module that `from package import name` can only mean as a file: its package offers no such name."""
    offered = {f"{dotted(path)}.{name}" for path, tree in house.items() for name in names_of(tree) or ()}
    return {dotted(path) for path in house} - offered


def imports(tree: ast.Module, files: set[str]) -> Iterator[tuple[int, str]]:
    """Each module of the house that `tree` imports, with its line; a relative import as it is written.

    `from package import name` means the file where the name is one of `files`, else the package.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            candidates = (f"{origin}.{alias.name}" for alias in node.names)
            named = [candidate if candidate in files else origin for candidate in candidates]
        else:
            continue
        for name in named:
            if name.partition(".")[0] in {HOUSE, ""}:
                yield node.lineno, name


def room_of(module: str) -> str:
    """`facts` for pressroom.facts.schema, nothing for pressroom itself."""
    return [*module.split("."), ""][1]


def wrong_with(importer: str, imported: str) -> str | None:
    """Why the module `importer` may not import `imported`; None where it may."""
    here, there = room_of(importer), room_of(imported)
    if imported.startswith("."):
        return "write the import out, from `pressroom` on"
    if not there:
        return (
            None if here in {"demo", "doors"} else "the house is entered by its face only from the demo and the doors"
        )
    if f"{importer}.".startswith(f"{imported}."):
        return "import the file, not your own door"
    if here == there:
        return None
    if importer.startswith(f"{HOUSE}.testing.contracts"):
        promised = {f"{HOUSE}.ports", f"{HOUSE}.values"}
        if importer == f"{HOUSE}.testing.contracts.adapter":
            # The one contract that strangers fill and that is no port's: it speaks of models.
            promised |= {f"{HOUSE}.models"}
        return None if imported in promised else "a contract suite knows the ports and the values, nothing else"
    if imported == f"{HOUSE}.{there}" or (here, there) in PAST_THE_DOOR:
        return None
    return f"import the door, {HOUSE}.{there}"


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("pressroom.features.view", "pressroom.facts", True),
        ("pressroom.features.view", "pressroom.facts.fact", False),
        ("pressroom.features.view", "pressroom.features.errors", True),
        ("pressroom.features.view", "pressroom.features", False),
        ("pressroom.features", "pressroom.features.view", True),
        ("pressroom.features.offline", "pressroom.features.kernel", True),
        ("pressroom.features.kernel.windows", "pressroom.features.kernel", False),
        ("pressroom.workspace.assembly", "pressroom.backends.sqlite.records", True),
        ("pressroom.workspace.assembly", "pressroom.facts.service", False),
        ("pressroom.__main__", "pressroom.doors.cli.main", True),
        ("pressroom.doors.cli.main", "pressroom.workspace", True),
        ("pressroom.doors.cli.main", "pressroom.backends.sqlite.records", False),
        ("pressroom.testing.contracts.blobs", "pressroom.ports", True),
        ("pressroom.testing.contracts.blobs", "pressroom.facts", False),
        ("pressroom.testing.contracts.blobs", "pressroom.models", False),
        ("pressroom.testing.contracts.adapter", "pressroom.models", True),
        ("pressroom.demo.story", "pressroom", True),
        ("pressroom.facts.fact", "pressroom", False),
        ("pressroom.facts.fact", ".errors", False),
        ("pressroom", "pressroom.facts", True),
        ("pressroom", "pressroom.facts.fact", False),
    ],
)
def test_the_rule_says_what_may_be_imported(importer, imported, allowed):
    assert (wrong_with(importer, imported) is None) == allowed


def test_an_import_is_seen_wherever_it_stands():
    code = """
import pressroom.facts.fact as fact
from pressroom.facts import Fact, append
def late():
    from pressroom import models
if TYPE_CHECKING:
    from .errors import BadRows
from pandas import DataFrame
"""
    files = {"pressroom.facts.append", "pressroom.models"}
    seen = [module for _, module in imports(ast.parse(code), files)]
    wanted = ["pressroom.facts.fact", "pressroom.facts", "pressroom.facts.append", "pressroom.models", ".errors"]
    assert sorted(seen) == sorted(wanted)


def test_a_name_that_a_door_offers_is_no_file_behind_it():
    house = {
        Path("pressroom/models/__init__.py"): ast.parse("__all__ = ['load']"),
        Path("pressroom/models/load.py"): ast.parse(""),
        Path("pressroom/models/errors.py"): ast.parse(""),
    }
    assert files_behind_doors(house) == {"pressroom.models", "pressroom.models.errors"}


def test_rooms_import_each_others_doors_and_their_own_files(house):
    files = files_behind_doors(house)
    faults = [
        f"src/{path}:{line}: {imported}: {wrong}"
        for path, tree in house.items()
        for line, imported in imports(tree, files)
        if (wrong := wrong_with(dotted(path), imported))
    ]
    assert not faults, "\n".join(faults)


def test_every_room_has_a_door_that_says_what_lives_there(house):
    rooms = {path.parts[1] for path in house if len(path.parts) > 2}
    faults = [f"src/{HOUSE}/{room}/__init__.py: {wrong}" for room in sorted(rooms) for wrong in missing(house, room)]
    assert not faults, "\n".join(faults)


def missing(house: Mapping[Path, ast.Module], room: str) -> Iterator[str]:
    """What the door of `room` lacks."""
    door = house.get(Path(HOUSE) / room / "__init__.py")
    if door is None:
        yield "there is no door"
        return
    if not ast.get_docstring(door):
        yield "the door says nothing"
    if room not in WITHOUT_NAMES and names_of(door) is None:
        yield "the door has no __all__ with its names written out"


def names_of(door: ast.Module) -> list[str] | None:
    """What `__all__ = [...]` lists, also with a type and also nothing; None where there is no such line."""
    for node in door.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=names))
                | ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.List(elts=names))
            ):
                return [name.value for name in names if isinstance(name, ast.Constant)]
            case _:
                continue
    return None
