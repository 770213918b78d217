"""Checking an ensemble against its models: what each node gives, which casts happen, and what the whole takes and
gives.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pressroom.models.ensemble.declaration import Ensemble, Node
from pressroom.models.ensemble.errors import BadEnsemble
from pressroom.models.model import Runnable
from pressroom.models.signature import Signature, length_of, width
from pressroom.models.structure import Structure
from pressroom.values import Digest, FieldSchema, FieldType

PROBABILITY = "probability"
_NUMBERS: frozenset[FieldType] = frozenset(("float", "int", "bool"))
_CASTS: frozenset[tuple[FieldType, FieldType]] = frozenset(
    {("int", "float"), ("bool", "float"), ("bool", "int"), ("timestamp", "float")}
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Member:
    """A model that a node stands for: its package's identity, its promises, what answers, and its structure if known.

    `space` names the embedding space, with its version, that a vector answer lies in. `labels` and `purposes` are
    policy's, `files` the package's bytes by name, for packing the ensemble.
    """

    reference: str
    digest: Digest
    signature: Signature
    runnable: Runnable
    structure: Structure | None
    space: str = ""
    labels: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    files: Mapping[str, bytes] = dataclasses.field(default_factory=dict[str, bytes], repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a node gives for a row: one number (length 0) or a vector, in a unit, vectors in an embedding space."""

    length: int = 0
    unit: str = ""
    space: str = ""

    def __str__(self) -> str:
        """`vector of 64 (items@2)`, `number (probability)`."""
        what = f"vector of {self.length}" if self.length else "number"
        where = self.space or self.unit
        return f"{what} ({where})" if where else what


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """A change of type that is made on the way into a node."""

    node: str
    source: str
    before: FieldType
    after: FieldType

    def __str__(self) -> str:
        """`hour -> gbm: int to float`."""
        return f"{self.source} -> {self.node}: {self.before} to {self.after}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Checked:
    """An ensemble that fits together."""

    ensemble: Ensemble
    members: Mapping[str, Member]
    gives: Mapping[str, Given]
    casts: tuple[Cast, ...]
    signature: Signature

    def source(self, node: Node, name: str) -> str:
        """The node or input that an input of a node's model is."""
        return (node.feeds or {}).get(name, name)


def check(ensemble: Ensemble, members: Mapping[str, Member]) -> Checked:
    """Settle types, units, lengths and spaces. `members` by node. Raises BadEnsemble naming the nodes
    that do not fit.
    """
    checker = _Checker(ensemble, members)
    for node in ensemble.nodes:
        checker.add(node)
    given = checker.gives[ensemble.output]
    output = FieldSchema(name=ensemble.output, type="float", unit=given.unit)
    if given.length:
        output = replace(output, type="vector", length=given.length)
    return Checked(
        ensemble=ensemble,
        members=members,
        gives=checker.gives,
        casts=tuple(checker.casts),
        signature=Signature(inputs=tuple(checker.inputs.values()), output=output),
    )


class _Checker:
    def __init__(self, ensemble: Ensemble, members: Mapping[str, Member]) -> None:
        self._ensemble = ensemble
        self._members = members
        self.inputs: dict[str, FieldSchema] = {field.name: field for field in ensemble.inputs}
        self.gives: dict[str, Given] = {}
        self.casts: list[Cast] = []
        for field in ensemble.inputs:
            self._add_input(field)

    def add(self, node: Node) -> None:
        """Settle one node, those before it being settled."""
        if node.does == "model":
            self.gives[node.name] = self._model(node)
            return
        given = [self.gives[name] for name in node.of]
        rules = {
            "sum": _all_alike,
            "fallback": _all_alike,
            "cascade": _all_numbers,
            "sigmoid": _sigmoid,
            "logit": _logit,
            "argmax": _argmax,
            "pick": _pick,
            "concat": _concat,
            "dot": _compared,
            "cosine": _compared,
        }
        self.gives[node.name] = rules[node.does](node, given)

    def _add_input(self, field: FieldSchema) -> None:
        if field.type == "vector":
            self.gives[field.name] = Given(length=length_of(field), space=field.unit)
            return
        if field.type not in _NUMBERS:
            raise BadEnsemble(
                f"The input {field.name} is {field.type}, and expressions are of numbers and vectors.",
                next_step="Give a float, an int, a bool or a vector.",
            )
        if field.type != "float":
            self.casts.append(Cast(node="expressions", source=field.name, before=field.type, after="float"))
        self.gives[field.name] = Given(unit=field.unit)

    def _model(self, node: Node) -> Given:
        member = self._members.get(node.name)
        if member is None:
            raise BadEnsemble(f"No model is given for {node.name}.", next_step=f"Resolve {node.model!r}.")
        feeds = node.feeds or {}
        strange = sorted(set(feeds) - set(member.signature.names()))
        if strange:
            raise BadEnsemble(
                f"{node.name} feeds {', '.join(strange)}, which {node.model} does not take.",
                next_step=f"It takes {', '.join(member.signature.names())}.",
            )
        for field in member.signature.inputs:
            source = feeds.get(field.name, field.name)
            if source in self.gives and source not in self.inputs:
                self._fed_by_node(node, field, source)
            else:
                self._fed_by_input(node, field, source)
        length = width(member.signature)
        if length and node.default is not None:
            raise BadEnsemble(f"{node.name} gives vectors and has one number for default.", next_step="Leave it out.")
        return Given(length=length, unit=member.signature.output.unit, space=member.space if length else "")

    def _fed_by_node(self, node: Node, field: FieldSchema, source: str) -> None:
        given = self.gives[source]
        if field.type == "vector":
            _check_vector(node, field, source, given)
            return
        if given.length or field.type != "float":
            raise BadEnsemble(
                f"{node.name} takes {field.name} ({field.type}), and {source} gives a {given}.",
                next_step="Feed it a node that gives one number, to an input that is a float.",
            )
        _check_unit(f"{node.name} takes {field.name}", field.unit, source, given.unit)

    def _fed_by_input(self, node: Node, field: FieldSchema, source: str) -> None:
        wanted = replace(field, name=source, optional=field.optional or node.default is not None)
        known = self.inputs.get(source)
        if known is None:
            self.inputs[source] = wanted
            return
        if "vector" in (known.type, field.type):
            _check_vector(node, field, source, _given(known))
        _check_unit(f"{node.name} takes {source}", field.unit, "another model", known.unit)
        if known.type != field.type:
            narrow, wide = (known.type, field.type) if (known.type, field.type) in _CASTS else (field.type, known.type)
            if (narrow, wide) not in _CASTS:
                raise BadEnsemble(
                    f"{source} is {field.type} for {node.name} and {known.type} for another model.",
                    next_step="Feed them from inputs of different names.",
                )
            caster = node.name if field.type == wide else "others"
            self.casts.append(Cast(node=caster, source=source, before=narrow, after=wide))
            wanted = replace(wanted, type=narrow)
        # A row may lack an input only where all that take it can do without.
        self.inputs[source] = replace(wanted, optional=known.optional and wanted.optional, type=wanted.type)


def _given(field: FieldSchema) -> Given:
    """What an input gives; the unit of a vector is the embedding space that it lies in, with its version."""
    return Given(length=length_of(field), space=field.unit) if field.type == "vector" else Given(unit=field.unit)


def _check_vector(node: Node, field: FieldSchema, source: str, given: Given) -> None:
    """Numbers of another space mean something else, and so do those of which it is not known."""
    wanted = _given(field)
    if (given.length, given.space) != (wanted.length, wanted.space) or not wanted.length:
        raise BadEnsemble(
            f"{node.name} takes {field.name}, a {wanted}, and {source} is a {given}.",
            next_step="Feed it vectors of the length and the space (unit=NAME@VERSION) that it was trained on.",
        )


def _check_unit(who: str, wanted: str, other: str, unit: str) -> None:
    if wanted and unit and wanted != unit:
        raise BadEnsemble(f"{who} in {wanted}, and {other} has it in {unit}.", next_step="Bring them to one unit.")


def _all_alike(node: Node, given: list[Given]) -> Given:
    first = given[0]
    for name, other in zip(node.of, given, strict=True):
        if (other.length, other.space) != (first.length, first.space):
            raise BadEnsemble(f"{node.name}: {node.of[0]} is a {first}, {name} is a {other}.", next_step=_ONE_KIND)
        _check_unit(f"{node.name} takes {node.of[0]}", first.unit, name, other.unit)
    return first


def _all_numbers(node: Node, given: list[Given]) -> Given:
    for name, other in zip(node.of, given, strict=True):
        if other.length:
            raise BadEnsemble(f"{node.name} is of numbers, and {name} is a {other}.", next_step="Pick one of them.")
    return _all_alike(node, given)


def _sigmoid(node: Node, given: list[Given]) -> Given:
    _all_numbers(node, given)
    if given[0].unit == PROBABILITY:
        raise BadEnsemble(f"{node.of[0]} is a probability already.", next_step=f"Leave {node.name} out.")
    return Given(unit=PROBABILITY)


def _logit(node: Node, given: list[Given]) -> Given:
    _all_numbers(node, given)
    if given[0].unit not in ("", PROBABILITY):
        raise BadEnsemble(f"{node.of[0]} is in {given[0].unit}, no probability.", next_step=f"Leave {node.name} out.")
    return Given(unit="log-odds")


def _argmax(node: Node, given: list[Given]) -> Given:
    if len(given) > 1:
        _all_numbers(node, given)
    elif not given[0].length:
        raise BadEnsemble(f"{node.name} has one number to choose from.", next_step="Give several, or a vector.")
    return Given()


def _pick(node: Node, given: list[Given]) -> Given:
    if not 0 <= node.place < given[0].length:
        raise BadEnsemble(
            f"{node.name} picks number {node.place}, and {node.of[0]} is a {given[0]}.",
            next_step="Give a place in a vector, from 0.",
        )
    return Given(unit=given[0].unit)


def _concat(node: Node, given: list[Given]) -> Given:
    _one_space(node, given)
    return Given(length=sum(part.length for part in given), space=given[0].space)


def _compared(node: Node, given: list[Given]) -> Given:
    _one_space(node, given)
    if given[0].length != given[1].length:
        raise BadEnsemble(f"{node.name} compares a {given[0]} with a {given[1]}.", next_step="Give equal lengths.")
    return Given()


def _one_space(node: Node, given: list[Given]) -> None:
    for name, part in zip(node.of, given, strict=True):
        if not part.length or not part.space:
            raise BadEnsemble(
                f"{node.name}: {name} is a {part}, no vector of a known embedding space.",
                next_step="Pack its model with space=NAME@VERSION; the space of an input is its unit.",
            )
        if part.space != given[0].space:
            raise BadEnsemble(
                f"{node.name}: {node.of[0]} lies in {given[0].space}, {name} in {part.space}.",
                next_step="Compare and join vectors of one space and version only: make both with the same encoder.",
            )


_ONE_KIND = "Combine numbers with numbers, and vectors of one length and space."
