"""Blocks: which inputs of a model come from which entity."""

from collections.abc import Mapping
from dataclasses import dataclass

from pressroom.models.errors import SignatureMismatch
from pressroom.models.signature import Signature

REQUEST = "request"
"""The block of the inputs that no entity owns: what the request itself brings along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The inputs that change together: those of one entity, or of the request; in the signature's order."""

    name: str
    inputs: tuple[str, ...]


def blocks_of(signature: Signature, entity_of: Mapping[str, str]) -> tuple[Block, ...]:
    """Every input of the signature in one block: the one that `entity_of` names for it, else REQUEST.

    `entity_of` says for an input by which key its feature is looked up, as a question knows it: two views of one key
    make one block, one view bound to two keys makes two. Blocks stand in the order of their first inputs, which is the
    order in which their parts are added. Refuses names that the signature does not have.
    """
    strange = sorted(set(entity_of) - set(signature.names()))
    if strange:
        raise SignatureMismatch(
            f"{', '.join(strange)}: no input of the model is called so.",
            next_step=f"Name entities for inputs of the signature: {', '.join(signature.names())}.",
        )
    found: dict[str, list[str]] = {}
    for name in signature.names():
        found.setdefault(entity_of.get(name, REQUEST), []).append(name)
    return tuple(Block(name=name, inputs=tuple(inputs)) for name, inputs in found.items())
