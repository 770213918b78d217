"""Reach: all first-party code that running a function may touch, piece by piece, and what else decides its answer.

A piece is one statement at the top of a module, or one function. It is reached when something reached speaks of its
name; where it can't be seen what is meant (a module handed on whole, a star import), all of the module is. So a change
of a helper is seen by those who use it and by nobody else. What a global or a closure holds at run time counts beside
its text, because the text alone (`RATE = float(os.environ["RATE"])`) does not say it.
"""

import inspect
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pressroom.flows.code.captured import NoDigest, digest_of_value
from pressroom.flows.code.find_module import find_module
from pressroom.flows.code.installed import environment_of
from pressroom.flows.code.statements import Import, ModuleText, Statement, function_at, read_module
from pressroom.values import Digest, digest_parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """`pieces`: the digest of each piece of code by `module.name`; `values`: that of what globals, closures and
    defaults hold; `environment`: versions of Python and of the libraries imported; `unknown`: in words, what has no
    digest, so that nothing that was made by this code may be used again.
    """

    pieces: dict[str, Digest]
    values: dict[str, Digest]
    environment: dict[str, str]
    unknown: tuple[str, ...]
    files: tuple[str, ...] = ()
    """The source files that were read: what an executor that shows only what is declared has to show."""


def reach(function: Callable[..., Any]) -> Reach:
    """What a function reaches. Reads source files; imports nothing that is not imported yet."""
    walk = _Walk()
    walk.function(inspect.unwrap(function))
    return Reach(
        pieces={name: digest_parts(digests) for name, digests in sorted(walk.pieces.items())},
        values=dict(sorted(walk.values.items())),
        environment=environment_of(sorted(walk.libraries)),
        unknown=tuple(sorted(walk.unknown)),
        files=tuple(sorted(walk.files)),
    )


@dataclass(slots=True, kw_only=True)
class _Walk:
    pieces: dict[str, list[Digest]] = field(default_factory=dict)
    values: dict[str, Digest] = field(default_factory=dict)
    libraries: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    _texts: dict[str, ModuleText | None] = field(default_factory=dict)
    _done: set[int] = field(default_factory=set)
    _touched: set[str] = field(default_factory=set)

    def function(self, function: Callable[..., Any]) -> None:
        """Start at a function, wherever it was defined."""
        if not isinstance(function, types.FunctionType):
            self.unknown.add(f"{function!r} is no Python function")
            return
        text = self._text(function.__module__)
        line = function.__code__.co_firstlineno
        statement = None if text is None else function_at(text, function.__name__, line)
        name = f"{function.__module__}.{function.__qualname__}"
        if text is None or statement is None:
            self.unknown.add(f"the source of {name} can't be read")
            return
        self._value_of(f"{name}'s defaults", [*(function.__defaults__ or ()), function.__kwdefaults__])
        self._closure(name, function)
        own = set(function.__code__.co_freevars)
        self._statement(text, name, statement, without=own)

    def _closure(self, name: str, function: types.FunctionType) -> None:
        for free, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            try:
                held = cell.cell_contents
            except ValueError:
                self.unknown.add(f"{name} speaks of {free}, which is not set")
                continue
            if isinstance(held, types.FunctionType):
                self.function(inspect.unwrap(held))
            else:
                self._value_of(f"{name}'s {free}", held)

    def _value_of(self, name: str, value: Any) -> None:
        try:
            self.values[name] = digest_of_value(value)
        except NoDigest as error:
            self.unknown.add(f"{name} holds {error}, which has no digest")

    def _statement(
        self, text: ModuleText, name: str, statement: Statement, without: frozenset[str] | set[str] = frozenset()
    ) -> None:
        if id(statement) in self._done:
            return
        self._done.add(id(statement))
        self._effects(text)
        self.pieces.setdefault(name, []).append(statement.digest)
        for target in statement.imports:
            self._import(target, None)
        for needed in sorted(statement.needs - without - statement.binds):
            self._name(text, needed, statement.attributes.get(needed))

    def _effects(self, text: ModuleText) -> None:
        """What runs whenever the module is imported, whoever needs what."""
        if text.name not in self._touched:
            self._touched.add(text.name)
            for effect in text.effects:
                self._statement(text, f"{text.name} (line by line)", effect)

    def _name(self, text: ModuleText, name: str, attributes: frozenset[str] | None) -> None:
        statements = text.bound.get(name)
        if statements is None:
            self._by_star(text, name)
            return
        for statement in statements:
            for star in statement.stars:
                self._import(Import(module=star, member=None), None)
            if name in statement.imported:
                self._import(statement.imported[name], attributes)
                continue
            self._statement(text, f"{text.name}.{name}", statement)
        if any(statement.plain and name not in statement.imported for statement in statements):
            self._global(text.name, name)

    def _by_star(self, text: ModuleText, name: str) -> None:
        stars = [star for statement in text.everything() for star in statement.stars]
        for star in stars:
            self._import(Import(module=star, member=None), None)
        if not stars:
            self.unknown.add(f"{text.name} speaks of {name}, which nothing at its top defines")

    def _global(self, module: str, name: str) -> None:
        """What a global holds now. Functions and classes are their text; of a module not imported yet, text is all."""
        there = sys.modules.get(module)
        if there is None or not hasattr(there, name):
            return
        value = getattr(there, name)
        if not isinstance(value, types.FunctionType | types.ModuleType | type) and not hasattr(value, "__wrapped__"):
            self._value_of(f"{module}.{name}", value)

    def _import(self, target: Import, attributes: frozenset[str] | None) -> None:
        if target.member is not None:
            inner = f"{target.module}.{target.member}"
            text = self._text(target.module)
            if text is not None and target.member in text.bound:
                self._name(text, target.member, attributes)
            elif text is not None or find_module(target.module).owner == "first-party":
                self._module(inner, attributes)
            return
        self._module(target.module, attributes)

    def _module(self, name: str, attributes: frozenset[str] | None) -> None:
        text = self._text(name)
        if text is None:
            return
        if attributes is None:
            for statement in text.everything():
                self._statement(text, f"{name}.{min(statement.binds, default='(line by line)')}", statement)
            return
        self._effects(text)
        for attribute in sorted(attributes):
            if attribute in text.bound:
                self._name(text, attribute, None)
            else:
                self._module(f"{name}.{attribute}", None)

    def _text(self, name: str) -> ModuleText | None:
        """A first-party module's text; a library is noted instead, and Python's own modules are Python's version."""
        if name in self._texts:
            return self._texts[name]
        found = find_module(name)
        text = None
        if found.owner == "library":
            self.libraries.add(name.split(".")[0])
        elif found.owner == "missing":
            self.unknown.add(f"there is no module {name}")
        elif found.file is not None:
            self.files.add(str(found.file))
            text = self._parsed(name, found.package, found.file.read_text(encoding="utf-8"))
        self._texts[name] = text
        return text

    def _parsed(self, name: str, package: str, source: str) -> ModuleText | None:
        try:
            return read_module(name, package, source)
        except SyntaxError as error:
            self.unknown.add(f"{name} can't be read: {error}")
            return None
