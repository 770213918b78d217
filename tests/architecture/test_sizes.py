"""Files stay short, functions fit a screen, names mean something, and each says what it is for."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 60
MOST_METHODS_OF_A_PORT = 7

NO_NAMES = frozenset({
    "base", "common", "context", "core", "data", "engine", "handler", "handlers", "helper", "helpers", "item", "items",
    "manager", "managers", "metadata", "misc", "object", "processor", "processors", "registry", "shared", "stuff",
    "tools", "util", "utils",
})  # fmt: skip

Function = ast.FunctionDef | ast.AsyncFunctionDef


def length(path: Path) -> int:
    """Lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def says_nothing(name: str) -> bool:
    """Whether a file's or folder's name is an attic: `utils`, or ends in one: `date_utils`."""
    return name.rpartition("_")[2] in NO_NAMES


def unexplained(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of each public class, function and method without a docstring; a test's name is its own."""
    if not ast.get_docstring(tree):
        yield 1, "the module"
    yield from _unexplained_in(tree)


def _unexplained_in(scope: ast.Module | ast.ClassDef) -> Iterator[tuple[int, str]]:
    for node in scope.body:
        if not isinstance(node, ast.ClassDef | Function) or node.name.startswith(("_", "test_")):
            continue
        if not ast.get_docstring(node) and not _is_overload(node):
            yield node.lineno, node.name
        if isinstance(node, ast.ClassDef):
            yield from _unexplained_in(node)


def _is_overload(node: ast.AST) -> bool:
    """Whether it only says a type; the function itself says what it is for."""
    return any(isinstance(each, ast.Name) and each.id == "overload" for each in getattr(node, "decorator_list", ()))


def test_no_file_is_long(checkout, everything):
    longest = sorted(((length(checkout / path), str(path)) for path in everything), reverse=True)[:5]
    table = "\n".join(f"{lines:5} {path}" for lines, path in longest)
    assert longest[0][0] <= MOST_LINES_OF_A_FILE, f"Aim at 150 lines, {MOST_LINES_OF_A_FILE} at most:\n{table}"


def test_every_function_fits_a_screen(everything):
    faults = [
        f"{path}:{node.lineno}: {node.name} has {lines} lines"
        for path, tree in everything.items()
        for node in ast.walk(tree)
        if isinstance(node, Function) and (lines := node.end_lineno - node.lineno + 1) > MOST_LINES_OF_A_FUNCTION
    ]
    assert not faults, "\n".join(faults)


def test_every_port_is_narrow(house):
    faults = [
        f"src/{path}:{node.lineno}: {node.name} has {methods} methods"
        for path, tree in house.items()
        for node in tree.body
        if path.parts[1] == "ports" and isinstance(node, ast.ClassDef)
        if (methods := sum(isinstance(method, Function) for method in node.body)) > MOST_METHODS_OF_A_PORT
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("name", "attic"),
    [("utils", True), ("date_utils", True), ("run_manager", True), ("base_rate", False), ("price_book", False)],
)
def test_an_attic_is_known_by_its_name(name, attic):
    assert says_nothing(name) == attic


def test_no_file_or_folder_is_an_attic(everything):
    named = {path.with_suffix("") for path in everything}
    named |= {folder for path in everything for folder in path.parents}
    faults = sorted(str(path) for path in named if says_nothing(path.name.removeprefix("test_")))
    assert not faults, f"Say what is in them: {', '.join(faults)}"


def test_what_is_public_says_what_it_is_for(house):
    faults = [f"src/{path}:{line}: {name}" for path, tree in house.items() for line, name in unexplained(tree)]
    assert not faults, "\n".join(faults)


def test_a_missing_docstring_is_found():
    code = """
class Fact:
    '''Says what it is for.'''
    def read(self): ...
    def _write(self): ...
    def test_it_is_read(self): ...
def append(): ...
"""
    assert list(unexplained(ast.parse(code))) == [(1, "the module"), (4, "read"), (7, "append")]
