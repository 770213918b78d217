"""Fellows: the other processes of one training, as each of them sees them, and what they work out together."""

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from pressroom.models.errors import UnsupportedModel
from pressroom.models.find_adapter import adapter_of_kind

Numbers = npt.NDArray[np.float64]


class Fellows(Protocol):
    """All of them call the same, in the same order; each call waits for the others. Raises FellowLost when one is gone:
    then nothing can be worked out any more, and all leave.
    """

    @property
    def place(self) -> int:
        """Which of them this is, from 0."""
        ...

    @property
    def size(self) -> int:
        """How many they are."""
        ...

    def add_up(self, numbers: Numbers) -> Numbers:
        """The sum over all, the same bits for each of them."""
        ...

    def gather(self, content: bytes) -> list[bytes]:
        """What each of them has, in the order of their places."""
        ...

    def hand_round(self, content: bytes) -> bytes:
        """What the first has; what others give is not looked at."""
        ...

    def follow(self, part: object, share: Callable[[], float]) -> None:
        """After every backward pass from here on, the gradients of `part` are the sum over all, each times its share
        (which add up to 1). Parts without gradients are left alone.
        """
        ...

    def averaged(self, value: Any, share: float) -> Any:
        """The sum over all of `value` times its share: a number, an array or a tensor, in its own kind."""
        ...

    def leave(self) -> None:
        """Be done with each other; who waits for this one finds it gone."""
        ...


class Alone:
    """Nobody else: whatever is worked out together is what this one has."""

    place = 0
    size = 1

    def add_up(self, numbers: Numbers) -> Numbers:
        """The same."""
        return numbers

    def gather(self, content: bytes) -> list[bytes]:
        """Its own."""
        return [content]

    def hand_round(self, content: bytes) -> bytes:
        """Its own."""
        return content

    def follow(self, part: object, share: Callable[[], float]) -> None:
        """Gradients are what they are."""

    def averaged(self, value: Any, share: float) -> Any:
        """The value itself."""
        return value

    def leave(self) -> None:
        """Nothing to leave."""


@runtime_checkable
class JoinsFellows(Protocol):
    """What an adapter may offer besides: to join the processes of one training."""

    def join(self, meet: str, place: int, size: int) -> Fellows:
        """Meet the others at an address, and stay with them. Raises FellowLost."""
        ...


def join_fellows(meet: str, place: int, size: int, *, kind: str = "torch") -> Fellows:
    """Join the others of a training, through the framework whose adapter is named; who is alone needs none.

    Raises FellowLost, FrameworkMissing, UnsupportedModel.
    """
    if size == 1:
        return Alone()
    adapter = adapter_of_kind(kind)
    if not isinstance(adapter, JoinsFellows):
        raise UnsupportedModel(f"The adapter {kind!r} spreads no training.", next_step="Train with PyTorch.")
    return adapter.join(meet, place, size)
