"""What a model was trained on: were its features defined as the endpoint would ask them today?"""

from collections.abc import Sequence

from pressroom.catalog import Catalog, Entry
from pressroom.facts import Aggregate
from pressroom.features import LINK_NAMES, BoundFeatures, Question, View, link_as_view
from pressroom.models import Signature
from pressroom.ports import Blobs
from pressroom.values import Digest, compose_names, from_document

_Meaning = tuple[str, Aggregate] | Digest


def changed_feature(
    question: Question, model: Entry, signature: Signature, *, catalog: Catalog, blobs: Blobs
) -> str | None:
    """The first of a model's inputs that the question defines otherwise than the model's training set did.

    Names and types say nothing about a window or a key, so definitions are compared; words about them are not. A model
    whose training set is not in the catalog passes: that it has no baseline is another check's business.
    """
    trained = _views_behind(model, catalog=catalog, blobs=blobs)
    defined = {name: meaning for view in trained for name, meaning in _meanings(view).items()}
    links = [view for view in trained if view.name.startswith(LINK_NAMES)]
    wanted = set(signature.names())
    for bound in question.views:
        meanings = _meanings(bound.view)
        for result, (name, meaning) in zip(bound.results(), meanings.items(), strict=True):
            changed = defined.get(name, meaning) != meaning or (trained and _other_way(bound, links, question))
            if result.name in wanted and changed:
                return result.name
    derived = _derived_behind(model, catalog=catalog)
    own = {each.name: question.meaning(each) for each in question.derivations()}
    return next((n for n, meaning in own.items() if n in wanted and derived.get(n, meaning) != meaning), None)


def _derived_behind(model: Entry, *, catalog: Catalog) -> dict[str, Digest]:
    """The meanings of the derived features that the model's training set had of its own, by name."""
    sets = [catalog.find(parent) for parent in model.parents]
    parents = [reference for each in sets if each is not None for reference in each.parents]
    return {reference.name: reference.digest for reference in parents if reference.kind == "derived"}


def _views_behind(model: Entry, *, catalog: Catalog, blobs: Blobs) -> list[View]:
    """The views that the model's training set was made from, its links among them."""
    found: list[View] = []
    for parent in model.parents:
        training_set = catalog.find(parent)
        for reference in () if training_set is None else training_set.parents:
            entry = catalog.find(reference) if reference.kind == "view" else None
            if entry is not None:
                found.append(from_document(blobs.get(entry.document), View))
    return found


def _other_way(bound: BoundFeatures, trained: Sequence[View], question: Question) -> bool:
    """Whether a view is asked through links that were not there in training; or no longer through one that was."""
    known = [_meanings(link) for link in trained]
    asked = [_meanings(link_as_view(link)) for link in bound.path()]
    if any(link not in known for link in asked):
        return True
    everywhere = [_meanings(view) for view in question.kept()]
    gone = [link for link in trained if _meanings(link) not in everywhere]
    return not asked and any(_leads_to(link) == bound.view.entity for link in gone)


def _leads_to(link: View) -> str:
    fields = [each.aggregate.fact.field(each.aggregate.field or "") for each in link.features]
    return compose_names(field.entity or "" for field in fields if field is not None)


def _meanings(view: View) -> dict[str, _Meaning]:
    plain = {f"{view.name}.{feature.name}": (view.entity, feature.aggregate.meaning()) for feature in view.features}
    return {**plain, **{f"{view.name}.{each.name}": view.meaning(each) for each in view.derivations()}}
