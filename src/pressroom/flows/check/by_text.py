"""Findings in a file's text: secrets, steps within functions, and inputs that no key sees."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from pressroom.flows.check.finding import Finding

_SECRET_NAME = re.compile(r"(?:^|_)(?:password|passwd|secret|token|api_?key|access_?key|credentials?)(?:$|_)", re.I)
_SECRET_VALUE = re.compile(
    r"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|gh[pousr]_[A-Za-z0-9]{30,}|xox[baprs]-[A-Za-z0-9-]{10,}"
    r"|sk-[A-Za-z0-9]{20,}|://[^/\s:@]+:[^/\s:@]+@"
)
_READERS = frozenset({"open", "read_csv", "read_parquet", "read_table", "read_json", "read_excel", "load", "loadtxt"})
_LIMITS = frozenset({"time_limit", "memory_limit"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


def findings_in_text(file: Path) -> list[Finding]:
    """What a file's text says by itself."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [*_secrets(tree, str(file)), *_closures(tree, str(file)), *_unseen_inputs(tree, str(file))]


def steps_called(file: Path) -> set[str]:
    """Every name that some function of a file, or its top, speaks of beyond its own definition."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _secrets(tree: ast.Module, file: str) -> Iterator[Finding]:
    for name, value in _named_values(tree):
        if not isinstance(value, ast.Constant) or not isinstance(value.value, str) or not value.value:
            continue
        if _SECRET_NAME.search(name) or _SECRET_VALUE.search(value.value):
            yield Finding(
                weight="error",
                file=file,
                line=value.lineno,
                of=name,
                words="holds what looks like a secret; parameters and code are written down with every run.",
                next_step="Read it from the environment within the step that needs it.",
            )


def _named_values(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Defaults of parameters, and what is assigned to names at the top of the file."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            given = node.args
            ordered = [*given.posonlyargs, *given.args]
            yield from (
                (each.arg, value) for each, value in zip(reversed(ordered), reversed(given.defaults), strict=False)
            )
            both = zip(given.kwonlyargs, given.kw_defaults, strict=True)
            yield from ((each.arg, value) for each, value in both if value is not None)
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if value is not None:
            yield from ((target.id, value) for target in targets if isinstance(target, ast.Name))


def _closures(tree: ast.Module, file: str) -> Iterator[Finding]:
    for outer in ast.walk(tree):
        if not isinstance(outer, Function):
            continue
        for inner in ast.walk(outer):
            if inner is outer or not isinstance(inner, Function):
                continue
            limits = [limit for each in inner.decorator_list if _is_step(each) for limit in _limits_of(each)]
            if any(_is_step(each) for each in inner.decorator_list):
                yield Finding(
                    weight="error" if limits else "warning",
                    file=file,
                    line=inner.lineno,
                    of=inner.name,
                    words=f"is defined within {outer.name}, so it runs in the flow's own process"
                    + (f", and nobody keeps its {' and '.join(limits)}." if limits else ", and can have no limits."),
                    next_step="Define it at the top of the file, and hand it what it needs.",
                )


def _is_step(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return (isinstance(called, ast.Name) and called.id == "step") or (
        isinstance(called, ast.Attribute) and called.attr == "step"
    )


def _limits_of(decorator: ast.expr) -> list[str]:
    given = decorator.keywords if isinstance(decorator, ast.Call) else []
    return [each.arg for each in given if each.arg in _LIMITS]


def _unseen_inputs(tree: ast.Module, file: str) -> Iterator[Finding]:
    for function in tree.body:
        if not isinstance(function, Function) or not any(_is_step(each) for each in function.decorator_list):
            continue
        for node in ast.walk(function):
            named = _file_named_in(node)
            if named is not None:
                yield Finding(
                    weight="warning",
                    file=file,
                    line=named.lineno,
                    of=function.name,
                    words=f"opens {named.value!r}: when that file changes, the result that is kept is used again.",
                    next_step="Hand the file over as a parameter of type pathlib.Path.",
                )


def _file_named_in(node: ast.AST) -> ast.Constant | None:
    """The text of a file that is opened for reading, where it stands in the call."""
    if not isinstance(node, ast.Call) or not node.args:
        return None
    called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    first = node.args[0]
    if called not in _READERS or not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return None
    mode = node.args[1] if len(node.args) > 1 else None
    writes = isinstance(mode, ast.Constant) and isinstance(mode.value, str) and mode.value[:1] in ("w", "a", "x")
    return None if called == "open" and writes else first
