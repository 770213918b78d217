"""What a model was trained on: were its features defined as the endpoint would ask them today?"""

from pressroom.catalog import Catalog, Entry
from pressroom.facts import Aggregate
from pressroom.features import Question, View
from pressroom.models import Signature
from pressroom.ports import Blobs
from pressroom.values import Digest, from_document

_Meaning = tuple[str, Aggregate] | Digest


def changed_feature(
    question: Question, model: Entry, signature: Signature, *, catalog: Catalog, blobs: Blobs
) -> str | None:
    """The first of a model's inputs that the question defines otherwise than the model's training set did.

    Names and types say nothing about a window or a key, so definitions are compared; words about them are not. A model
    whose training set is not in the catalog passes: that it has no baseline is another check's business.
    """
    trained: dict[str, _Meaning] = {}
    for parent in model.parents:
        training_set = catalog.find(parent)
        for reference in () if training_set is None else training_set.parents:
            if reference.kind == "derived":
                trained[reference.name] = reference.digest
            entry = catalog.find(reference) if reference.kind == "view" else None
            if entry is not None:
                trained.update(_meanings(from_document(blobs.get(entry.document), View)))
    wanted = set(signature.names())
    asked = {name: meaning for bound in question.views for name, meaning in _meanings(bound.view).items()}
    asked |= {each.name: question.meaning(each) for each in question.derivations()}
    return next((n for n, meaning in asked.items() if n in wanted and trained.get(n, meaning) != meaning), None)


def _meanings(view: View) -> dict[str, _Meaning]:
    plain = {f"{view.name}.{feature.name}": (view.entity, feature.aggregate.meaning()) for feature in view.features}
    return {**plain, **{f"{view.name}.{each.name}": view.meaning(each) for each in view.derivations()}}
