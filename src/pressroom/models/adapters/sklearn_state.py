"""What training changes in scikit-learn's estimators that learn batch by batch: kept by skops, types checked."""

from collections.abc import Callable, Mapping
from typing import Any

from pressroom.models.errors import UnsafeModel, UnsupportedModel
from pressroom.models.framework import framework

_FILE = "state.skops"
_OWN = ("sklearn.", "numpy.")


def remember(part: Any) -> Callable[[], dict[str, bytes]]:
    """All of it, at once: what partial_fit changes is nowhere listed."""
    try:
        content = bytes(framework("skops.io").dumps(part))
    except Exception as error:
        raise UnsupportedModel(
            f"skops can't keep this {type(part).__name__}: {error}.", next_step="Keep its arrays yourself."
        ) from error
    return lambda: {_FILE: content}


def recall(part: Any, files: Mapping[str, bytes]) -> object:
    """`part` with all that it had learned; only types of scikit-learn and numpy are made."""
    skops = framework("skops.io")
    strange = skops.get_untrusted_types(data=files[_FILE])
    foreign = [each for each in strange if not each.startswith(_OWN)]
    if foreign:
        raise UnsafeModel(f"The saved state names {foreign[0]}.", next_step="Keep what is scikit-learn's own alone.")
    found = skops.loads(files[_FILE], trusted=strange)
    if type(found) is not type(part):
        return found
    vars(part).clear()
    vars(part).update(vars(found))
    return part
