"""Links: from one entity to another, through the newest fact about the one that names the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from pressroom.facts import Aggregate, By, FieldReference, key_name
from pressroom.features.errors import BadView
from pressroom.values import FactSchema, compose_names, format_duration, parse_duration, parts_of

LINK_NAMES = "through."
"""How the names of links start; no class is called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Whom the newest fact about an entity names, if that fact is no older than `ttl_us` (None: however old).

    `by` is the key of the fact that names the entity one comes from, `fields` the key that names the one it leads to;
    either may be of several parts.
    """

    fact: FactSchema
    by: str
    fields: str
    ttl_us: int | None = None

    def entity(self) -> str:
        """The entity one comes from."""
        return _entity(self.fact, self.by)

    def leads_to(self) -> str:
        """The entity that it leads to."""
        return _entity(self.fact, self.fields)

    def lookups(self) -> tuple[tuple[str, Aggregate], ...]:
        """What is looked up: each part of the key that it leads to."""
        return tuple(
            (name, Aggregate(fact=self.fact, kind="last", field=name, ttl_us=self.ttl_us, by=self.by))
            for name in parts_of(self.fields)
        )

    def name(self) -> str:
        """What tells it from other links: `through.assigned.tail.by_flight.within_2d`."""
        within = "" if self.ttl_us is None else f".within_{format_duration(self.ttl_us)}"
        fields, by = ("_and_".join(parts_of(key)) for key in (self.fields, self.by))
        return f"{LINK_NAMES}{self.fact.name}.{fields}.by_{by}{within}"

    def words(self) -> str:
        """The link as a phrase."""
        limit = "" if self.ttl_us is None else f", at most {format_duration(self.ttl_us)} old"
        return f"through the last {self.fact.name}.{self.fields} of the {self.entity()}{limit}"


def link_through(fields: Sequence[FieldReference], *, ttl: str | None, by: By | None) -> Link:
    """The link through key fields of a fact. `by` may be left out where the fact has one other key. Raises BadView."""
    names = parts_of(key_name(tuple(fields)) or "")
    fact = fields[0].fact
    others = tuple(key.name for key in fact.key_fields() if key.name not in names)
    asked = by if isinstance(by, tuple) else () if by is None else (by,)
    for field in (*fields, *asked):
        if field.fact.name != fact.name:
            raise BadView(
                f"{field!r} is no key of {fact.name}, through which {fields[0]!r} is found.",
                next_step=f"Go by {' or '.join(others) or 'a key'} of {fact.name}.",
            )
    said = key_name(by)
    chosen = others if said is None else parts_of(said)
    if said is None and len(others) != 1:
        raise BadView(
            f"{fact.name} has {len(others)} other keys ({', '.join(others) or 'none'}) by which "
            f"{compose_names(names)} could be looked up.",
            next_step=f"Say which one with by={fact.name}.<key>.",
        )
    if not set(chosen) <= set(others) or len(set(chosen)) < len(chosen) or len(set(names)) < len(names):
        raise BadView(
            f"{fact.name}.{compose_names(names)} can't be looked up by {compose_names(chosen)}.",
            next_step=f"Go by other keys than those that are looked up: {', '.join(others) or 'there are none'}.",
        )
    ttl_us = None if ttl is None else parse_duration(ttl)
    return Link(fact=fact, by=compose_names(chosen), fields=compose_names(names), ttl_us=ttl_us)


def _entity(fact: FactSchema, key: str) -> str:
    fields = (fact.field(name) for name in parts_of(key))
    return compose_names(field.entity or "" for field in fields if field is not None)
