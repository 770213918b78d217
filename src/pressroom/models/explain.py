"""Explaining: what each input did to an answer, exactly where the model allows it, else by sampling.

Linear models: `w_i (x_i - mean_i)` over the golden rows, exact. Trees: TreeSHAP by their own framework. PyTorch:
integrated gradients. Everything else: sampled Shapley values of the form that serves. Contributions and base add up to
the score in every case. A vector has one contribution, that of all its numbers.
"""

from dataclasses import dataclass
from threading import Lock

import numpy as np

from pressroom.models.errors import FrameworkMissing, NotExplained, NotIsolated, NotTrusted
from pressroom.models.find_adapter import adapter_of_kind
from pressroom.models.linear import RunnableLinear
from pressroom.models.load import LoadedModel, golden_rows, load_native, read_known
from pressroom.models.model import Contributions, Runnable
from pressroom.models.permits import DATA_ONLY, Permits
from pressroom.models.shapley import sampled_shapley
from pressroom.models.signature import Floats, Inputs, Signature, width
from pressroom.models.structure import Linear, Link, Trees, linked
from pressroom.models.vectors import gathered
from pressroom.ports import Blobs
from pressroom.values import InvalidInput

WITHIN_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Explanation:
    """Contributions, the answers that they explain, and how what they add up to becomes an answer."""

    contributions: Contributions
    answers: Floats
    signature: Signature
    link: Link

    def effects(self) -> Floats:
        """By how much each input moved the answer itself: how far it would be from it without that contribution."""
        found = self.contributions
        if found.space == "answer":
            return found.values
        scores = found.scores()[:, None]
        return linked(scores, self.link) - linked(scores - found.values, self.link)


class Explainer:
    """Explains one loaded model, many times; what that takes is read when it is first asked. Safe for threads."""

    def __init__(self, loaded: LoadedModel, blobs: Blobs, permits: Permits = DATA_ONLY) -> None:
        """Nothing is read yet. Refuses vectors: contributions explain one number."""
        package = loaded.package
        if width(package.signature):
            raise InvalidInput(
                f"{package.name} gives a vector, and contributions explain one number.",
                next_step="Explain a model of one output that is made from it.",
            )
        self._loaded, self._blobs, self._permits = loaded, blobs, permits
        self._turn = Lock()
        self._read: tuple[Inputs, Linear | Trees | None, Runnable | None] | None = None

    @property
    def signature(self) -> Signature:
        """What the model takes."""
        return self._loaded.package.signature

    def explain(self, inputs: Inputs, *, within_s: float = WITHIN_S) -> Explanation:
        """Why the model answers `inputs` as it does, in about `within_s` seconds at most. Raises what reading the
        package does.
        """
        background, structure, native = self._behind()
        signature = self._loaded.package.signature
        link: Link = structure.link if structure is not None else "identity"
        if isinstance(structure, Linear):
            found = _linear(RunnableLinear(structure, signature), inputs, background)
        else:
            found = self._own(native, inputs, background, within_s)
            if found is None:
                found = sampled_shapley(self._loaded.runnable, signature, inputs, background, within_s=within_s)
            elif found.space == "raw" and not isinstance(structure, Trees):
                link = "sigmoid" if signature.output.unit == "probability" else "identity"
        if found.space == "answer":
            link = "identity"
        found = gathered(found, signature)
        answers = self._loaded.runnable.predict(inputs)
        return Explanation(contributions=found, answers=answers, signature=signature, link=link)

    def _behind(self) -> tuple[Inputs, Linear | Trees | None, Runnable | None]:
        with self._turn:
            if self._read is None:
                package = self._loaded.package
                structure = read_known(package, self._blobs)
                native = None if isinstance(structure, Linear) else self._native()
                self._read = (golden_rows(package, self._blobs)[0], structure, native)
            return self._read

    def _native(self) -> Runnable | None:
        """The framework's own form; None where there is none here, or where it is code."""
        package = self._loaded.package
        if adapter_of_kind(package.kind).tier == "code":
            return None
        try:
            return load_native(self._loaded.digest, package, self._blobs, self._permits)
        except (FrameworkMissing, NotTrusted, NotIsolated, InvalidInput):
            return None

    def _own(
        self, native: Runnable | None, inputs: Inputs, background: Inputs, within_s: float
    ) -> Contributions | None:
        """By the framework's own method; None where there is none here."""
        if native is None:
            return None
        try:
            adapter = adapter_of_kind(self._loaded.package.kind)
            return adapter.explain(native, inputs, background, within_s=within_s)
        except (NotExplained, FrameworkMissing, NotTrusted, NotIsolated, InvalidInput):
            return None


def explain(
    loaded: LoadedModel, inputs: Inputs, blobs: Blobs, *, within_s: float = WITHIN_S, permits: Permits = DATA_ONLY
) -> Explanation:
    """Why `loaded` answers `inputs` as it does, in about `within_s` seconds at most. Refuses vectors."""
    return Explainer(loaded, blobs, permits).explain(inputs, within_s=within_s)


def _linear(runnable: RunnableLinear, inputs: Inputs, background: Inputs) -> Contributions:
    linear = runnable.linear
    weights = dict(zip(linear.inputs, linear.weights, strict=True))
    texts = {levels.input: levels for levels in linear.levels}
    numbers = [name for name in linear.inputs if name not in texts]
    asked, usual = runnable.numbers(inputs), runnable.numbers(background).mean(axis=0)
    values = np.zeros((len(asked), len(linear.inputs)))
    for place, name in enumerate(linear.inputs):
        if name in texts:
            mean = runnable.level_weights(texts[name], background).mean()
            values[:, place] = runnable.level_weights(texts[name], inputs) - mean
        else:
            column = numbers.index(name)
            values[:, place] = weights[name] * (asked[:, column] - usual[column])
    base = runnable.margins(inputs) - values.sum(axis=1)
    return Contributions(
        names=linear.inputs,
        values=values,
        base=base,
        error=np.zeros_like(values),
        space="raw",
        method="weights times distance from the mean of the golden rows",
    )
