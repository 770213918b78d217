"""Fact classes: how a user says what happens in his world."""

import inspect
from collections.abc import Iterable
from typing import Any, ClassVar

from pressroom.facts.aggregate import Aggregate
from pressroom.facts.annotation import Kind, kind_of
from pressroom.facts.declared_checks import fact_checks, field_checks
from pressroom.facts.errors import BadDefinition
from pressroom.facts.fields import By, FieldOptions, Timestamp, Where, conditions, key_name
from pressroom.facts.quality import QUALITY
from pressroom.facts.spine import Spine
from pressroom.values import FactSchema, FieldSchema, check_name, parse_duration, snake_case

_RESERVED = frozenset({"event", "known", "seq", "as_of", "label", "split", "schema", "count", "age", "at"})


class Fact:
    """Something that happened, to somebody, at an instant, and became known at an instant.

    Derive a class, with a docstring, and annotate its fields with `Key[...]`, `Float`, `Int`, `Bool`, `String`,
    `Timestamp`, `Enum["paid", "refused"]`, `Bytes`, `Vector[64]`. Every fact has `event` and `known` besides. Defining
    a class changes nothing in any workspace.

    `class Ordered(Fact, purposes=("fraud",), unique=("order",), fresh="2h")`: what its rows may be used for; and what
    is expected of them, which is measured and keeps nothing out: no two rows of a batch agree in the unique fields, and
    the newest fact happened no longer ago than that.
    """

    schema: ClassVar[FactSchema]

    def __init_subclass__(
        cls,
        *,
        purposes: tuple[str, ...] = (),
        unique: tuple[str, ...] | str = (),
        fresh: str | None = None,
        **options: Any,
    ) -> None:
        """Work out the schema, and put a reference in the place of each field."""
        super().__init_subclass__(**options)
        name = check_name(snake_case(cls.__name__), what="a fact")
        if name == QUALITY.name:
            raise BadDefinition(
                f"{cls.__name__}: Pressroom's own measures are facts of that name.", next_step="Rename."
            )
        annotations = inspect.get_annotations(cls, eval_str=True)
        kinds = {field: kind_of(f"{cls.__name__}.{field}", said) for field, said in annotations.items()}
        _check_options(cls, kinds)
        cls.schema = FactSchema(
            name=name,
            doc=inspect.cleandoc(cls.__doc__ or ""),
            fields=tuple(_field(cls, field, kind) for field, kind in kinds.items()),
            purposes=purposes,
            checks=fact_checks(
                cls.__name__,
                (unique,) if isinstance(unique, str) else unique,
                fresh,
                {field: kind.type for field, kind in kinds.items()},
            ),
        )
        if not cls.schema.key_fields():
            raise BadDefinition(f"{cls.__name__} is about nobody.", next_step="Give it at least one field Key[...].")
        for field in cls.schema.fields:
            setattr(cls, field.name, kinds[field.name].reference(cls.schema, field))

    @classmethod
    def count(cls, *, window: str, by: By | None = None, where: Where = ()) -> Aggregate:
        """How many of these facts are in `[t - window, t)`."""
        window_us = parse_duration(window)
        return Aggregate(fact=cls.schema, kind="count", window_us=window_us, by=key_name(by), where=conditions(where))

    @classmethod
    def age(cls, *, ttl: str | None = None, by: By | None = None, where: Where = ()) -> Aggregate:
        """How many seconds ago the newest of these facts happened; null beyond `ttl`."""
        ttl_us = None if ttl is None else parse_duration(ttl)
        return Aggregate(fact=cls.schema, kind="age", ttl_us=ttl_us, by=key_name(by), where=conditions(where))

    @classmethod
    def at(cls, instant: Timestamp, *, before: str | None = None) -> Spine:
        """One question for each of these facts, at the instant in a field, or so long before it."""
        return Spine(fact=cls.schema, instant=instant.schema.name, before_us=parse_duration(before) if before else 0)


def _check_options(cls: type, kinds: Iterable[str]) -> None:
    for name, options in cls.__dict__.items():
        if isinstance(options, FieldOptions) and name not in kinds:
            raise BadDefinition(f"{cls.__name__}.{name} has no type.", next_step=f"Say which: {name}: Float = ...")


def _field(cls: type, name: str, kind: Kind) -> FieldSchema:
    if name in _RESERVED:
        raise BadDefinition(
            f"{cls.__name__}.{name}: every fact has {name!r} already.", next_step="Choose another name."
        )
    options = cls.__dict__.get(name, FieldOptions(doc="", unit="", optional=False, labels=()))
    if not isinstance(options, FieldOptions):
        raise BadDefinition(f"{cls.__name__}.{name} is set to {options!r}.", next_step="Say more with field(...).")
    return FieldSchema(
        name=check_name(name, what="a field"),
        type=kind.type,
        doc=options.doc,
        unit=options.unit,
        optional=options.optional,
        entity=kind.entity,
        labels=options.labels,
        checks=field_checks(f"{cls.__name__}.{name}", options.checks, kind.type, optional=options.optional),
        values=kind.values,
        length=kind.length,
    )
