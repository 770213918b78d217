"""What a step makes, before it is there: it can be handed to other steps, and asked for its value."""

from typing import Any, Generic, NoReturn, Protocol, TypeVar

from pressroom.flows.errors import BadFlow

T = TypeVar("T")


class Maker(Protocol):
    """Whoever knows what becomes of it."""

    def value(self, call: int) -> Any:
        """Wait for a call's value."""
        ...


class Made(Generic[T]):
    """What a call of a step makes in a run. Hand it to other steps as it is; `get()` waits for the value itself."""

    __slots__ = ("call", "maker", "step")

    def __init__(self, step: str, call: int, maker: Maker) -> None:
        """The answer to a call, by its number in the run."""
        self.step, self.call, self.maker = step, call, maker

    def get(self) -> T:
        """The value. Raises StepFailed; while planning NotMadeYet, where only running would make it."""
        return self.maker.value(self.call)

    def __repr__(self) -> str:
        """Which step's."""
        return f"<what {self.step} makes>"

    def _refuse(self, *_: object) -> NoReturn:
        raise BadFlow(
            f"{self!r} is not there yet when the flow is read.",
            next_step="Look at its value with .get(), or in a step.",
        )

    __bool__ = __iter__ = __len__ = __getitem__ = __contains__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __add__ = __sub__ = __mul__ = __truediv__ = __float__ = __int__ = _refuse
