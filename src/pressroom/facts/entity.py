"""Entities: what facts are about."""

from typing import Any, ClassVar, ForwardRef

from pressroom.facts.errors import BadDefinition
from pressroom.values import check_name, snake_case


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
