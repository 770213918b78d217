"""Recording: a derived feature's function is called once, with columns, and leaves a formula."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from pressroom.facts import FieldReference
from pressroom.features.formulas.column import Column
from pressroom.features.formulas.formula import AS_OF, Formula, formula_of, input_step
from pressroom.features.formulas.trace import Trace
from pressroom.values import FieldSchema


class Leaf(Protocol):
    """What a derivation is made from in the end: a feature of a view, or a field that rows bring along."""

    @property
    def schema(self) -> FieldSchema:
        """Its type, labels, and the kind of thing that it identifies, if it does."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A formula, and what its inputs are by name; the instant is not among them."""

    formula: Formula
    leaves: Mapping[str, Leaf]


class Source(Protocol):
    """What a parameter may stand for, other than a field: it says by itself what it is made of."""

    def made(self) -> Made:
        """Its formula: of a plain feature that is the feature itself."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The instant as of which a row is asked."""

    def made(self) -> Made:
        """An input without a leaf."""
        return Made(formula=Formula(steps=(input_step(AS_OF, "timestamp"),)), leaves={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A field that the asking rows bring along."""

    field: FieldReference

    def made(self) -> Made:
        """An input called as the field is."""
        return made_of(self.field.schema.name, self.field)


def made_of(name: str, leaf: Leaf) -> Made:
    """What is nothing but an input."""
    return Made(formula=Formula(steps=(input_step(name, leaf.schema.type),)), leaves={name: leaf})


def record(function: Callable[..., object], sources: Mapping[str, Source], *, by_parameter: bool = False) -> Made:
    """Call the function with columns for its parameters. `by_parameter` names inputs by them and not by what they are.

    Raises BadView for whatever can't be recorded, for a result that is no column, and for one that hands on the names
    of things: of a forgotten subject nothing may be left in a place where nobody looks.
    """
    trace = Trace(function.__name__)
    leaves: dict[str, Leaf] = {}
    columns: dict[str, Column] = {}
    for parameter, source in sources.items():
        made = source.made()
        for name, leaf in made.leaves.items():
            if leaves.setdefault(name, leaf).schema != leaf.schema:
                raise trace.refusal(f"{name} is two different things.", "Rename one of the fields.")
        if by_parameter:
            place = trace.input(parameter, made.formula.type())
        else:
            inputs = {name: trace.input(name, kind) for name, kind in made.formula.inputs().items()}
            place = trace.splice(made.formula, inputs)
        columns[parameter] = Column(trace, place)
    given = function(**columns)
    if not isinstance(given, Column):
        raise trace.refusal(
            f"it gives {given!r}, which is the same for every row.", "Return what is worked out from the columns."
        )
    if given.trace is not trace:
        raise trace.refusal("it gives a column of another function.", "Return what is worked out from its parameters.")
    formula = formula_of(trace.steps, given.place)
    used = {name: leaves[name] for name in formula.inputs() if name in leaves}
    _check_names_nobody(trace, formula, used)
    return Made(formula=formula, leaves=used)


def _check_names_nobody(trace: Trace, formula: Formula, leaves: Mapping[str, Leaf]) -> None:
    """Which texts may come out: those of steps that are handed on, and not those that are only compared."""
    waiting, seen = [len(formula.steps) - 1], set[int]()
    while waiting:
        place = waiting.pop()
        step = formula.steps[place]
        if place in seen or step.type != "string":
            continue
        seen.add(place)
        leaf = leaves.get(str(step.text)) if step.do == "input" else None
        if leaf is not None and leaf.schema.entity is not None:
            raise trace.refusal(
                f"it hands on {step.text}, which names a {leaf.schema.entity}.",
                'Compare it (x == "web", pr.isin), or ask for the field itself with pr.request.',
            )
        waiting.extend(step.of)
