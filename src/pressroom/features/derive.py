"""Deriving in a question: which columns the inputs of derived features are, and what is asked besides for them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pressroom.facts import FieldReference
from pressroom.features.bound import BoundFeatures
from pressroom.features.errors import BadView
from pressroom.features.formulas.derivation import Derivation
from pressroom.features.formulas.derived import Derived
from pressroom.features.formulas.formula import AS_OF, Formula
from pressroom.features.formulas.record import Leaf
from pressroom.features.view import BoundView, FeatureReference
from pressroom.values import FieldSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class Spine:
    """The asking rows, as derivations see them: whom a view is asked of, what a field of theirs is, and which views and
    fields are asked anyway.
    """

    bind: Callable[[BoundView], BoundFeatures]
    field_in: Callable[[FieldSchema], FieldSchema]
    views: Sequence[BoundFeatures]
    fields: Sequence[FieldSchema]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Derivations whose inputs are columns; the features (by view) and fields that only they need."""

    derivations: tuple[Derivation, ...]
    features: Mapping[BoundFeatures, tuple[str, ...]]
    fields: tuple[FieldSchema, ...]


def settle(derived: Iterable[Derived], spine: Spine) -> Settled:
    """Find every input among what is asked, or ask for it besides."""
    features: dict[BoundFeatures, dict[str, None]] = {}
    fields: dict[str, FieldSchema] = {}
    derivations: list[Derivation] = []
    for each in derived:
        names: dict[str, str] = {}
        for name, leaf in each.made().leaves.items():
            if isinstance(leaf, FeatureReference):
                bound = _bound(leaf, spine)
                asked = _asked(bound, spine)
                if asked is not None:
                    names[name] = f"{asked.name()}.{leaf.name}"
                else:
                    names[name] = hidden_name(bound, leaf.name)
                    features.setdefault(bound, {})[leaf.name] = None
            elif all(field.name != name for field in spine.fields):
                fields[name] = spine.field_in(_field(leaf))
            else:
                spine.field_in(_field(leaf))
        data = each.derivation()
        derivations.append(replace(data, formula=data.formula.renamed(names), doc=data.words()))
    return Settled(
        derivations=tuple(derivations),
        features={bound: tuple(names) for bound, names in features.items()},
        fields=tuple(fields.values()),
    )


def hidden_name(bound: BoundFeatures, feature: str) -> str:
    """What a feature is called that is worked out for derived ones alone."""
    return f"{hidden_prefix(bound)}.{feature}"


def hidden_prefix(bound: BoundFeatures) -> str:
    """How the names of a view's hidden features start: no name that people give has the sign in it."""
    return "@".join((bound.name(), bound.key, *(link.name() for link in bound.path())))


def of_view(bound: BoundFeatures) -> dict[str, Formula]:
    """A view's own derived features, of columns."""
    prefix = f"{bound.name()}."
    return {
        prefix + each.name: each.formula.renamed(
            {name: prefix + name for name in each.formula.inputs() if name != AS_OF}
        )
        for each in bound.view.derivations()
    }


def _field(leaf: Leaf) -> FieldSchema:
    if not isinstance(leaf, FieldReference):
        raise BadView(f"{leaf!r} can't be derived from here.", next_step="Derive from View.feature or Spine.field.")
    return leaf.schema


def _bound(leaf: FeatureReference, spine: Spine) -> BoundFeatures:
    """Of whom a feature is asked: as it is said, as its view is asked, or in the only way there is."""
    unsaid = leaf.key is None and not leaf.links
    asked = [bound for bound in spine.views if unsaid and bound.view.name == leaf.view.name]
    if asked:
        return replace(asked[0], view=leaf.view)
    return spine.bind(BoundView(view=leaf.view, key=leaf.key, links=leaf.links, alias=leaf.alias))


def _asked(bound: BoundFeatures, spine: Spine) -> BoundFeatures | None:
    """The view that is asked of the same, if it is asked."""
    same = [each for each in spine.views if (each.view.name, each.whom()) == (bound.view.name, bound.whom())]
    return next((each for each in same if each.view is bound.view or each.view.digest() == bound.view.digest()), None)
