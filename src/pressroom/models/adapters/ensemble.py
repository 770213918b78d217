"""Ensembles, kept whole: what was declared, the digests that its nodes resolved to, and those packages themselves.

The bytes of its models are blobs already, so an ensemble takes no room beyond its declaration.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pressroom.models.ensemble.declaration import Ensemble
from pressroom.models.ensemble.member import member_files, packed_members
from pressroom.models.ensemble.runnable import RunnableEnsemble, assemble
from pressroom.models.ensemble.separately import answer_separately
from pressroom.models.errors import SignatureMismatch, UnsupportedModel
from pressroom.models.model import Contributions, Runnable, Tier
from pressroom.models.outputs import not_explained, not_lowered
from pressroom.models.signature import Floats, Inputs, Signature
from pressroom.models.structure import Graph
from pressroom.values import Digest, InvalidInput, from_document, to_document

_FILE = "ensemble.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    ensemble: Ensemble
    members: dict[str, Digest]


class EnsembleAdapter:
    """Speaks RunnableEnsemble. Its models must be data themselves: nobody signs for code inside an ensemble."""

    kind = "ensemble"
    distributions = ("numpy", "onnx", "onnxruntime")
    tier: Tier = "safe"

    def owns(self, model: object) -> bool:
        """Whether this is an assembled ensemble."""
        return isinstance(model, RunnableEnsemble)

    def original(self, model: object, signature: Signature, inputs: Inputs) -> Floats:
        """Its models asked one by one, combined in numpy."""
        return answer_separately(_ensemble(model).checked, inputs)

    def dump(self, model: object, signature: Signature) -> dict[str, bytes]:
        """The declaration, the digests, and each package's files once."""
        known = _ensemble(model)
        _check(known, signature)
        kept = _Kept(ensemble=known.ensemble, members={node: m.digest for node, m in known.members.items()})
        files = {_FILE: to_document(kept)}
        for member in known.members.values():
            if not member.files:
                raise UnsupportedModel(
                    f"{member.reference} is no packaged model.", next_step="Pack it first, and resolve it by digest."
                )
            files.update(member_files(member))
        return files

    def load(self, files: Mapping[str, bytes], signature: Signature) -> RunnableEnsemble:
        """The ensemble, fused again for this machine. Raises NotTrusted where a model of it is code."""
        if _FILE not in files:
            raise InvalidInput(f"The package has no {_FILE}.", next_step="Pack the ensemble again.")
        kept = from_document(files[_FILE], _Kept)
        made = assemble(kept.ensemble, packed_members(files, kept.members))
        _check(made, signature)
        return made

    def lower(self, model: object, signature: Signature) -> Graph:
        """One graph, where all of it is in one session and nothing has a default."""
        known = _ensemble(model)
        _check(known, signature)
        graph = known.structure
        if graph is None:
            not_lowered("parts of it run by themselves, take texts, or have defaults")
        return graph

    def explain(self, runnable: Runnable, inputs: Inputs, background: Inputs, *, within_s: float) -> Contributions:
        """Refused: its models explain themselves."""
        not_explained("an ensemble has no method of its own; explain the models that it is made of")


def _ensemble(model: object) -> RunnableEnsemble:
    if not isinstance(model, RunnableEnsemble):
        raise UnsupportedModel(f"{type(model).__name__} is no ensemble.", next_step="Assemble one.")
    return model


def _check(known: RunnableEnsemble, signature: Signature) -> None:
    mine = known.signature
    if mine.names() != signature.names() or mine.output.type != signature.output.type:
        raise SignatureMismatch(
            f"The ensemble takes {', '.join(mine.names())} and gives {mine.output.name}; its signature says otherwise.",
            next_step="Pack it with its own signature: assembled.signature.",
        )
