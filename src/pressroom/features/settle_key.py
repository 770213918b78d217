"""Settling keys: which fields of a fact or a spine hold an entity, or the parts of several taken together."""

from pressroom.values import FactSchema, compose_names, parts_of


def settle_key(schema: FactSchema, entity: str, key: str | None) -> str | None:
    """The key of `schema` that holds `entity`: `key` where it does, the only one where that is None; else None.

    Of a composite entity each part has a field of its own, in the order of the parts.
    """
    choices = _choices(schema, entity)
    names = tuple(choice[0] for choice in choices if len(choice) == 1) if key is None else parts_of(key)
    if len(names) != len(choices) or len(set(names)) < len(names):
        return None
    fits = all(name in choice for name, choice in zip(names, choices, strict=True))
    return compose_names(names) if fits else None


def choices_in_words(schema: FactSchema, entity: str) -> str:
    """The keys that could be meant: `origin, dest`; of a composite entity for each part: `(origin, dest) + carrier`."""
    choices = [", ".join(choice) or "none" for choice in _choices(schema, entity)]
    if len(choices) == 1:
        return choices[0]
    return " + ".join(f"({choice})" if "," in choice else choice for choice in choices)


def _choices(schema: FactSchema, entity: str) -> list[tuple[str, ...]]:
    return [tuple(field.name for field in schema.key_fields() if field.entity == part) for part in parts_of(entity)]
