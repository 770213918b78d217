"""Derived features as they are written: a function whose parameters say what they stand for."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import overload

from pressroom.facts import Aggregate, FieldReference
from pressroom.features.errors import BadView
from pressroom.features.formulas.columns import Value, work_out_rows
from pressroom.features.formulas.derivation import Derivation
from pressroom.features.formulas.formula import AS_OF, Formula
from pressroom.features.formulas.program import Program
from pressroom.features.formulas.record import Brought, Leaf, Made, Moment, Source, record
from pressroom.values import check_name

Open = Aggregate | None
"""What a parameter may be set to inside a view alone: an aggregate of it, or nothing, when its name says which."""


class Derived:
    """A derived feature: a function that was called once, with columns, to record what it does to them."""

    def __init__(self, function: Callable[..., object], *, unit: str = "", doc: str = "") -> None:
        """Take the function; record it at once where every parameter says what it is."""
        self.name = check_name(function.__name__, what="a derived feature")
        self.unit, self.doc = unit, doc
        self.parameters = _parameters(self.name, function)
        self._function = function
        self._made: Made | None = None
        self._sources: dict[str, Source] = {}
        closed = {p: of for p, of in self.parameters.items() if not isinstance(of, Open)}
        if len(closed) == len(self.parameters):
            self.settle(closed)

    def __repr__(self) -> str:
        """Its name, and what it takes."""
        return f"{self.name}({', '.join(self.parameters)})"

    def settle(self, sources: Mapping[str, Source]) -> None:
        """Record the function, now that it is known what every parameter stands for."""
        self._sources = dict(sources)
        self._made = record(self._function, sources)

    def made(self) -> Made:
        """The formula that was recorded. Raises BadView where a parameter names nothing outside a view."""
        if self._made is None:
            names = ", ".join(p for p, of in self.parameters.items() if isinstance(of, Open))
            raise BadView(
                f"{self.name}: what is {names}?",
                next_step="Set it to View.feature or Spine.field; only inside a view are bare names its features.",
            )
        return self._made

    def derivation(self) -> Derivation:
        """The derived feature as data, with the labels of all that it is made from."""
        made = self.made()
        return Derivation(
            name=self.name, formula=made.formula, unit=self.unit, doc=self.doc, labels=labels_of(made.leaves.values())
        )

    def __call__(self, **columns: Sequence[Value]) -> list[Value]:
        """Try it: values of its parameters by name, a list each. None is null, instants are microseconds."""
        self.made()
        return try_out(self.name, record(self._function, self._sources, by_parameter=True).formula, columns)


def labels_of(leaves: Iterable[Leaf]) -> tuple[str, ...]:
    """All labels of these, sorted."""
    return tuple(sorted({label for leaf in leaves for label in leaf.schema.labels}))


def try_out(name: str, formula: Formula, columns: Mapping[str, Sequence[Value]]) -> list[Value]:
    """Work a formula out on a few values."""
    program = Program({name: formula})
    needed = list(program.inputs)
    if not set(needed) <= set(columns) or len({len(columns[each]) for each in needed}) != 1:
        raise BadView(
            f"{name} is worked out from {', '.join(needed)}.",
            next_step=f"Give a list each, of one length: {name}({', '.join(f'{each}=[...]' for each in needed)}).",
        )
    (found,) = work_out_rows(program, [columns[each] for each in needed])
    return found


@overload
def derived(function: Callable[..., object], /) -> Derived:
    """Plainly: `@pr.derived`."""


@overload
def derived(*, unit: str = "", doc: str = "") -> Callable[[Callable[..., object]], Derived]:
    """With more to say: `@pr.derived(unit="min")`."""


def derived(
    function: Callable[..., object] | None = None, /, *, unit: str = "", doc: str = ""
) -> Derived | Callable[[Callable[..., object]], Derived]:
    """A feature worked out from others, row by row: `@pr.derived(unit="min")` on a function of columns.

    Parameters are set to what they stand for: `late=Punctuality.late_24h`, `there=Weather.on(Scheduled.dest).temp`, a
    request field `Scheduled.distance`, another derived feature; `as_of` is the instant. Inside a view, bare names are
    features of that view. The function is called once, now, and what it does to its columns is kept as data: operators,
    comparisons, `& | ~`, numpy's elementwise functions, pr.where, pr.coalesce, pr.is_null, pr.isin, pr.hour_of,
    pr.day_of_week, pr.month_of. Whatever looks at values (`if`, float(x), x.mean(), x[0]) is refused.

    Null gives null, but for where, coalesce, is_null, and `& |` where the other side decides alone. NaN is a value.
    Numbers are reckoned with as 64-bit floats; dividing by 0 gives inf or NaN. `doc` is the function's own docstring,
    or else the formula.
    """
    if function is None:
        return lambda named: derived_from(named, unit, doc)
    return derived_from(function, unit, doc)


def derived_from(function: Callable[..., object], unit: str, doc: str) -> Derived:
    """The derived feature of a function; one marked as a static method, to please a linter, is one too."""
    function = function.__func__ if isinstance(function, staticmethod) else function
    said = doc or inspect.cleandoc(function.__doc__ or "")
    return Derived(function, unit=unit, doc=" ".join(said.split()))


def _parameters(name: str, function: Callable[..., object]) -> dict[str, Source | Open]:
    """What each parameter is set to; None: to nothing."""
    found: dict[str, Source | Open] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise BadView(f"{name} takes {parameter}.", next_step="Name every input as a parameter: def f(x=View.x).")
        found[parameter.name] = _source(name, parameter)
    if not found:
        raise BadView(f"{name} is made from nothing.", next_step="Give it parameters: what it is worked out from.")
    return found


def _source(name: str, parameter: inspect.Parameter) -> Source | Open:
    of = parameter.default
    if of is parameter.empty:
        return Moment() if parameter.name == AS_OF else None
    if isinstance(of, FieldReference):
        return Brought(field=of)
    if isinstance(of, Aggregate) or hasattr(of, "made"):
        return of
    raise BadView(
        f"{name}: {parameter.name} is set to {of!r}, which is no feature and no field.",
        next_step="Set it to View.feature or Spine.field; write constants inside the function.",
    )
