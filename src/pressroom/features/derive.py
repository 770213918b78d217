"""Deriving in a question: which columns the inputs of derived features are, and what is asked besides for them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pressroom.facts import FieldReference
from pressroom.features.errors import BadView
from pressroom.features.formulas.derivation import Derivation
from pressroom.features.formulas.derived import Derived
from pressroom.features.formulas.formula import AS_OF, Formula
from pressroom.features.formulas.record import Leaf
from pressroom.features.view import BoundView, FeatureReference, View
from pressroom.values import FieldSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class Spine:
    """The asking rows, as derivations see them: which key a view goes by, what a field of theirs is, and which views
    (with their keys) and fields are asked anyway.
    """

    key_in: Callable[[BoundView], str]
    field_in: Callable[[FieldSchema], FieldSchema]
    views: Sequence[tuple[View, str]]
    fields: Sequence[FieldSchema]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Derivations whose inputs are columns; the features (by view and key) and fields that only they need."""

    derivations: tuple[Derivation, ...]
    features: Mapping[tuple[View, str], tuple[str, ...]]
    fields: tuple[FieldSchema, ...]


def settle(derived: Iterable[Derived], spine: Spine) -> Settled:
    """Find every input among what is asked, or ask for it besides."""
    features: dict[tuple[View, str], dict[str, None]] = {}
    fields: dict[str, FieldSchema] = {}
    derivations: list[Derivation] = []
    for each in derived:
        names: dict[str, str] = {}
        for name, leaf in each.made().leaves.items():
            if isinstance(leaf, FeatureReference):
                key = _key(leaf, spine)
                if _is_asked(leaf.view, key, spine):
                    names[name] = f"{leaf.view.name}.{leaf.name}"
                else:
                    names[name] = hidden_name(leaf.view, leaf.name, key)
                    features.setdefault((leaf.view, key), {})[leaf.name] = None
            elif all(field.name != name for field in spine.fields):
                fields[name] = spine.field_in(_field(leaf))
            else:
                spine.field_in(_field(leaf))
        data = each.derivation()
        derivations.append(replace(data, formula=data.formula.renamed(names), doc=data.words()))
    return Settled(
        derivations=tuple(derivations),
        features={whose: tuple(names) for whose, names in features.items()},
        fields=tuple(fields.values()),
    )


def hidden_name(view: View, feature: str, key: str) -> str:
    """What a feature is called that is worked out for derived ones alone."""
    return f"{view.name}.{feature}@{key}"


def of_view(view: View) -> dict[str, Formula]:
    """A view's own derived features, of columns."""
    prefix = f"{view.name}."
    return {
        prefix + each.name: each.formula.renamed(
            {name: prefix + name for name in each.formula.inputs() if name != AS_OF}
        )
        for each in view.derivations()
    }


def _field(leaf: Leaf) -> FieldSchema:
    if not isinstance(leaf, FieldReference):
        raise BadView(f"{leaf!r} can't be derived from here.", next_step="Derive from View.feature or Spine.field.")
    return leaf.schema


def _key(leaf: FeatureReference, spine: Spine) -> str:
    """The key that a feature goes by: as it is said, as its view is asked, or the only one."""
    asked = [key for view, key in spine.views if leaf.key is None and view.name == leaf.view.name]
    return asked[0] if asked else spine.key_in(BoundView(view=leaf.view, key=leaf.key))


def _is_asked(view: View, key: str, spine: Spine) -> bool:
    same = [each for each, by in spine.views if (each.name, by) == (view.name, key)]
    return any(each is view or each.digest() == view.digest() for each in same)
