"""Keying: from a call and what its needs made to the key of its result. Runs and plans go by the same."""

from collections.abc import Callable
from typing import Any

from pressroom.flows.argument import One, shape_of
from pressroom.flows.calls import Call
from pressroom.flows.code.reach import Reach, reach
from pressroom.flows.key import Key, key_of
from pressroom.flows.step import Step
from pressroom.values import Digest


class Keying:
    """Gives calls their keys; what code a step reaches is looked at once."""

    def __init__(self, made: Callable[[int], One]) -> None:
        """`made` tells what a call of the run made, by its number."""
        self._made = made
        self._reached: dict[Step[..., Any], Reach] = {}

    def settle(self, call: Call, keep: Callable[[Digest, bytes], None]) -> Key:
        """Work out a call's key and the shapes of its arguments; `keep` takes their bytes. Raises BadFlow."""
        step = call.step
        reached = self._reach(step)
        hints = step.hints()
        call.shapes = {
            name: shape_of(
                value,
                what=f"The argument {name} of {step.name}",
                annotation=hints.get(name, Any),
                made=self._made,
                keep=keep,
            )
            for name, value in call.arguments.items()
        }
        digests = {name: shape.digest() for name, shape in call.shapes.items()}
        call.key = key_of(step.name, reached, digests, image=step.options.image)
        return call.key

    def files(self, step: Step[..., Any]) -> tuple[str, ...]:
        """The source files of first-party code that a step reaches."""
        return self._reach(step).files

    def _reach(self, step: Step[..., Any]) -> Reach:
        if step not in self._reached:
            self._reached[step] = reach(step.function)
        return self._reached[step]
