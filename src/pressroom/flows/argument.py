"""Arguments of a call: values, what other calls make, and lists and mappings of both."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, get_args

from pressroom.flows.encoded import Form, encode
from pressroom.flows.made import Made
from pressroom.values import Digest, digest_bytes, digest_document


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Waiting:
    """What another call of the run will have made."""

    call: int


@dataclass(frozen=True, slots=True, kw_only=True)
class One:
    """Bytes by their digest, and their form."""

    form: Form
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """An argument as a tree: `one` at a leaf; else `many` in order, under `names` if it is a mapping."""

    one: One | None = None
    many: tuple["Shape", ...] = ()
    names: tuple[str, ...] | None = None

    def digest(self) -> Digest:
        """Its identity: that of every byte in it."""
        return digest_document(self)

    def leaves(self) -> Iterator[One]:
        """All bytes that it is made of."""
        if self.one is not None:
            yield self.one
        for each in self.many:
            yield from each.leaves()


def calls_in(value: Any) -> set[int]:
    """The calls whose results a value is made of."""
    if isinstance(value, Made):
        return {value.call}
    if isinstance(value, list | tuple):
        return {call for each in value for call in calls_in(each)}
    if isinstance(value, dict):
        return {call for each in value.values() for call in calls_in(each)}
    return set()


def shape_of(
    value: Any, *, what: str, annotation: Any, made: Callable[[int], One], keep: Callable[[Digest, bytes], None]
) -> Shape:
    """A value as a shape: `made` tells what a call made, `keep` takes the bytes of all the rest. Raises BadFlow."""
    if isinstance(value, Made):
        return Shape(one=made(value.call))
    if calls_in(value):
        names, each_of = (tuple(map(str, value)), list(value.values())) if isinstance(value, dict) else (None, value)
        many = [
            shape_of(each, what=f"{what}[{place}]", annotation=_each_of(annotation), made=made, keep=keep)
            for place, each in enumerate(each_of)
        ]
        return Shape(many=tuple(many), names=names)
    encoded = encode(value, what=what, annotation=annotation)
    digest = digest_bytes(encoded.content)
    keep(digest, encoded.content)
    return Shape(one=One(form=encoded.form, digest=digest))


def value_of(shape: Shape, *, annotation: Any, load: Callable[[One, Any], Any]) -> Any:
    """The value again, its leaves given by `load`."""
    if shape.one is not None:
        return load(shape.one, annotation)
    many = [value_of(each, annotation=_each_of(annotation), load=load) for each in shape.many]
    return many if shape.names is None else dict(zip(shape.names, many, strict=True))


def _each_of(annotation: Any) -> Any:
    """What `list[X]`, `Sequence[X]` and `dict[str, X]` say of each of theirs."""
    inner = [each for each in get_args(annotation) if each is not Ellipsis]
    return inner[-1] if inner else Any
