"""What an adapter may offer besides: to take the training of its framework's objects up again."""

from collections.abc import Callable, Mapping
from typing import Protocol, runtime_checkable

from pressroom.models.find_adapter import adapter_kinds, adapter_of_kind, installed_adapters

StateFiles = Mapping[str, bytes]


@runtime_checkable
class Resumes(Protocol):
    """Copies what training changes (weights, an optimizer's moments, trees) and puts it back. No pickle."""

    @property
    def kind(self) -> str:
        """The adapter's."""
        ...

    def remembers(self, part: object) -> bool:
        """Whether `part` is a thing of this framework that training changes. Imports no framework."""
        ...

    def remember(self, part: object) -> Callable[[], dict[str, bytes]]:
        """Copy it, now; what is returned makes files of the copy later, in any thread. Raises UnsupportedModel."""
        ...

    def recall(self, part: object, files: StateFiles) -> object:
        """The part as it was: `part` itself where it can be changed in place, else a new one. Raises InvalidInput."""
        ...


def resumes(part: object) -> Resumes | None:
    """The adapter that remembers a part, if there is one: the one called like the part's library, else any.

    Python's own types and numpy's are nobody's.
    """
    origins = [kind.__module__.partition(".")[0] for kind in type(part).__mro__]
    if origins[0] in ("builtins", "numpy"):
        return None
    kinds = [kind for kind in dict.fromkeys(origins) if kind in adapter_kinds()]
    for adapter in map(adapter_of_kind, kinds) if kinds else installed_adapters():
        if isinstance(adapter, Resumes) and adapter.remembers(part):
            return adapter
    return None
