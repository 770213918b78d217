"""Our own baseline, kept as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from pressroom.models.errors import UnsupportedModel
from pressroom.models.group_means import GroupMeans
from pressroom.models.model import Contributions, Runnable, Tier
from pressroom.models.outputs import not_explained, not_lowered
from pressroom.models.signature import Floats, Inputs, Signature
from pressroom.values import InvalidInput, from_document, to_document

_FILE = "group_means.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    keys: tuple[str, ...]
    overall: float
    groups: tuple[tuple[tuple[str | float | None, ...], float], ...]


class BaselineAdapter:
    """Speaks GroupMeans, which serve as they are."""

    kind = "baseline"
    distributions = ("numpy",)
    tier: Tier = "safe"

    def owns(self, model: object) -> bool:
        """Whether this is our baseline."""
        return isinstance(model, GroupMeans)

    def dump(self, model: object, signature: Signature) -> dict[str, bytes]:
        """One JSON file, groups sorted; refuses means by something that is no input of the signature."""
        means = _means(model)
        strange = sorted(set(means.keys) - set(signature.names()))
        if strange:
            raise UnsupportedModel(
                f"The means are taken by {', '.join(strange)}, which the signature does not list.",
                next_step="Pack with a signature whose inputs are the keys.",
            )
        groups = sorted(means.means.items(), key=lambda pair: to_document(pair[0]))
        return {_FILE: to_document(_Kept(keys=means.keys, overall=means.overall, groups=tuple(groups)))}

    def load(self, files: Mapping[str, bytes], signature: Signature) -> GroupMeans:
        """The means back."""
        if _FILE not in files:
            raise InvalidInput(f"The package has no {_FILE}.", next_step="Pack the model again.")
        kept = from_document(files[_FILE], _Kept)
        return GroupMeans(keys=kept.keys, overall=kept.overall, means=dict(kept.groups))

    def original(self, model: object, signature: Signature, inputs: Inputs) -> Floats:
        """What the means answer."""
        return _means(model).predict(inputs)

    def lower(self, model: object, signature: Signature) -> NoReturn:
        """A table by keys is no graph of numbers; it needs no framework either."""
        not_lowered("group means are looked up by Pressroom itself")

    def explain(self, runnable: Runnable, inputs: Inputs, background: Inputs, *, within_s: float) -> Contributions:
        """A group's mean has no parts."""
        not_explained("a group's mean has no parts")


def _means(model: object) -> GroupMeans:
    if not isinstance(model, GroupMeans):
        raise UnsupportedModel(f"{type(model).__name__} is not our baseline.", next_step="Fit a MeanBy.")
    return model
