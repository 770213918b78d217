"""A module's source as statements: which names each binds, which it needs, and what identifies its meaning."""

import ast
import builtins
import copy
import dis
import types
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pressroom.values import Digest, digest_bytes

_LOADS = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})
_OURS = frozenset({"step", "flow"})
_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__", "__annotations__", "__builtins__"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A name that stands for a module (`member` None) or for something in one; `module` is absolute."""

    module: str
    member: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement at the top of a module, or a function found inside another.

    `needs` are the global names it speaks of; `attributes` says which attributes of them it reads, None where it hands
    one on whole. `imports` are those made inside it. Comments, layout and docstrings have no part in `digest`.
    """

    binds: frozenset[str]
    needs: frozenset[str]
    attributes: Mapping[str, frozenset[str] | None]
    imports: tuple[Import, ...]
    digest: Digest
    line: int
    plain: bool
    """Whether it assigns, so that the name's value at run time may differ from what the text alone says."""
    imported: Mapping[str, Import]
    """Names that an import statement binds."""
    stars: tuple[str, ...]
    """Modules of which it imports everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleText:
    """The statements of a module by the names that they bind; `effects` bind none and run at every import."""

    name: str
    package: str
    bound: Mapping[str, tuple[Statement, ...]]
    effects: tuple[Statement, ...]
    tree: ast.Module

    def everything(self) -> Iterator[Statement]:
        """All statements, each once."""
        seen: set[int] = set()
        for statements in (*self.bound.values(), self.effects):
            for statement in statements:
                if id(statement) not in seen:
                    seen.add(id(statement))
                    yield statement


def read_module(name: str, package: str, source: str) -> ModuleText:
    """Take a module's source apart. Raises SyntaxError."""
    tree = ast.parse(source)
    bound: dict[str, list[Statement]] = defaultdict(list)
    effects: list[Statement] = []
    for node in tree.body:
        if _is_docstring(node):
            continue
        statement = statement_of(node, package)
        for each in statement.binds:
            bound[each].append(statement)
        if not statement.binds:
            effects.append(statement)
    return ModuleText(
        name=name,
        package=package,
        bound={each: tuple(statements) for each, statements in bound.items()},
        effects=tuple(effects),
        tree=tree,
    )


def statement_of(node: ast.stmt, package: str) -> Statement:
    """One statement, looked at."""
    node = _without_our_decorators(node)
    needs = _names_needed(node)
    inner, imported, stars = _imports(node, package)
    is_import = isinstance(node, ast.Import | ast.ImportFrom)
    return Statement(
        binds=frozenset(_binds(node)),
        needs=frozenset(needs - _BUILTINS),
        attributes=_attributes(node, needs),
        imports=() if is_import else inner,
        digest=digest_bytes(ast.dump(_bare(node)).encode()),
        line=node.lineno,
        plain=not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom),
        imported=imported,
        stars=stars,
    )


def function_at(module: ModuleText, name: str, line: int) -> Statement | None:
    """The function called `name` whose first line (that of its decorators, if any) is `line`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if line in (first, node.lineno):
                return statement_of(node, module.package)
    return None


def _without_our_decorators(node: ast.stmt) -> ast.stmt:
    """How a step is run (retries, limits, where) has no part in what it answers."""
    if not isinstance(node, ast.FunctionDef) or not node.decorator_list:
        return node
    bare = copy.copy(node)
    bare.decorator_list = [each for each in node.decorator_list if _called(each) not in _OURS]
    return bare


def _called(decorator: ast.expr) -> str:
    decorator = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(decorator, ast.Attribute):
        return decorator.attr
    return decorator.id if isinstance(decorator, ast.Name) else ""


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


class _WithoutDocstrings(ast.NodeTransformer):
    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        body = getattr(node, "body", None)
        if isinstance(body, list) and any(isinstance(each, ast.stmt) for each in body):
            kept = [each for each in body if not _is_docstring(each)]
            node.body = kept or [ast.Pass()]  # pyright: ignore[reportAttributeAccessIssue]
        return node


def _bare(node: ast.stmt) -> ast.AST:
    """The same without docstrings and other constants that nobody reads."""
    again = ast.parse(ast.unparse(node)).body[0]
    return _WithoutDocstrings().visit(again)


def _names_needed(node: ast.stmt) -> set[str]:
    """The global names that running the statement, and what it defines, may look up: as the compiler sees scopes."""
    alone = ast.Module(body=[node], type_ignores=[])
    found: set[str] = set()
    waiting: list[types.CodeType] = [compile(alone, "<statement>", "exec", dont_inherit=True)]
    while waiting:
        code = waiting.pop()
        found.update(str(step.argval) for step in dis.get_instructions(code) if step.opname in _LOADS)
        waiting.extend(each for each in code.co_consts if isinstance(each, types.CodeType))
    # What annotations name is needed too, also where they are never evaluated.
    for each in ast.walk(node):
        annotation = getattr(each, "annotation", None) or getattr(each, "returns", None)
        if isinstance(annotation, ast.expr):
            found.update(name.id for name in ast.walk(annotation) if isinstance(name, ast.Name))
    return found - _binds(node) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else found


def _attributes(node: ast.stmt, needs: set[str]) -> dict[str, frozenset[str] | None]:
    """Of each name, the attributes read; None where the name is used in another way too."""
    read: dict[str, set[str]] = defaultdict(set)
    roots: set[int] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and isinstance(each.ctx, ast.Load):
            read[each.value.id].add(each.attr)
            roots.add(id(each.value))
    whole = {
        each.id
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load) and id(each) not in roots
    }
    return {name: None if name in whole else frozenset(read[name]) for name in needs}


def _binds(node: ast.stmt) -> set[str]:
    """The names that a statement binds where it stands; of what it only changes (`a.b = c`, `a[b] = c`), the root."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    found: set[str] = set()
    waiting: list[ast.AST] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(each.name)
            continue
        if isinstance(each, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            continue
        if isinstance(each, ast.Import | ast.ImportFrom):
            found.update((alias.asname or alias.name.split(".")[0]) for alias in each.names)
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store | ast.Del):
            found.add(each.id)
        elif isinstance(each, ast.Attribute | ast.Subscript) and isinstance(each.ctx, ast.Store | ast.Del):
            found.update(_root(each))
        waiting.extend(ast.iter_child_nodes(each))
    return found - {"*"}


def _root(node: ast.expr) -> set[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _imports(node: ast.stmt, package: str) -> tuple[tuple[Import, ...], dict[str, Import], tuple[str, ...]]:
    """All imports in a statement: as such, by the names they bind, and those of everything."""
    found: list[Import] = []
    named: dict[str, Import] = {}
    stars: list[str] = []
    for each in ast.walk(node):
        if isinstance(each, ast.Import):
            for alias in each.names:
                target = Import(module=alias.name, member=None)
                found.append(target)
                # `import a.b` binds a; `import a.b as c` binds a.b.
                named[alias.asname or alias.name.split(".")[0]] = (
                    target if alias.asname else Import(module=alias.name.split(".")[0], member=None)
                )
        elif isinstance(each, ast.ImportFrom):
            module = _absolute(each, package)
            for alias in each.names:
                if alias.name == "*":
                    stars.append(module)
                    continue
                target = Import(module=module, member=alias.name)
                found.append(target)
                named[alias.asname or alias.name] = target
    return tuple(found), named, tuple(stars)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    parts = parts[: len(parts) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])
