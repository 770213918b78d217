"""Entities: what facts are about."""

from typing import Any, ClassVar, ForwardRef

from pressroom.facts.errors import BadDefinition
from pressroom.values import check_name, compose_names, snake_case


class Entity:
    """A kind of thing that facts are about and features belong to: an aircraft, a member, an order.

    Derive a class from it, with a docstring that says what identifies one of them. Its name is the class's, in snake
    case.
    """

    name: ClassVar[str]

    def __init_subclass__(cls, **options: Any) -> None:
        """Work out the name."""
        super().__init_subclass__(**options)
        cls.name = check_name(snake_case(cls.__name__), what="an entity")


def entity_name(entity: object) -> str:
    """The name behind `Aircraft`, `"aircraft"` or a forward reference to either."""
    if isinstance(entity, type) and issubclass(entity, Entity):
        return entity.name
    if isinstance(entity, ForwardRef):
        entity = entity.__forward_arg__
    if isinstance(entity, str):
        return check_name(snake_case(entity), what="an entity")
    raise BadDefinition(f"{entity!r} is no entity.", next_step="Derive a class from pressroom.Entity and name it here.")


def entity_names(entities: object) -> str:
    """The name behind an entity, or behind several taken together: `(Airport, Carrier)` -> `airport+carrier`.

    The order is that of the parts; the same entity may be there twice.
    """
    if not isinstance(entities, tuple):
        return entity_name(entities)
    if not entities:
        raise BadDefinition("() names no entity.", next_step="Name at least one.")
    return compose_names(map(entity_name, entities))
