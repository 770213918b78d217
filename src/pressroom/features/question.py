"""Questions: which features are asked of each row. Training sets and endpoints ask the same one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from msgspec import UNSET, UnsetType

from pressroom.facts import Aggregate, FieldReference
from pressroom.features.bound import BoundFeatures, Whom, link_as_view
from pressroom.features.derive import Settled, Spine, hidden_name, of_view, settle
from pressroom.features.errors import BadView
from pressroom.features.formulas.derivation import Derivation
from pressroom.features.formulas.derived import Derived
from pressroom.features.formulas.formula import Formula
from pressroom.features.settle_key import choices_in_words, settle_key
from pressroom.features.view import BoundView, FeatureView, View
from pressroom.values import Digest, FactSchema, FieldSchema, digest_document, parts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFields:
    """Fields that whoever asks brings along, because no fact could know them earlier."""

    fields: tuple[FieldSchema, ...]


def request(*fields: FieldReference) -> RequestFields:
    """Fields of the spine that come with the request: `request(Scheduled.distance, Scheduled.hour)`."""
    return RequestFields(fields=tuple(field.schema for field in fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenFeatures:
    """Features that are worked out because others are derived from them, and that are no columns of the answer."""

    bound: BoundFeatures
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedFeatures:
    """Derived features of a question, whose formulas have its columns and hidden ones as inputs; and what is hidden:
    features, and fields that rows bring along for them alone.
    """

    derivations: tuple[Derivation, ...]
    features: tuple[HiddenFeatures, ...] = ()
    request: tuple[FieldSchema, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of each row: features of the entities that its key columns name, the fields it brings along, and
    what is derived from both.
    """

    keys: tuple[FieldSchema, ...]
    views: tuple[BoundFeatures, ...]
    request: tuple[FieldSchema, ...]
    derived: DerivedFeatures | UnsetType = UNSET
    """Unset, it is no part of the document, so that questions without any stay as they are."""

    def inputs(self) -> tuple[FieldSchema, ...]:
        """The columns of the answer, in order: features by view, then request fields, then derived features."""
        features = tuple(field for bound in self.views for field in bound.results())
        request = (replace(field, entity=None) for field in self.request)
        return (*features, *request, *(each.result(each.name) for each in self.derivations()))

    def computed(self) -> tuple[str, ...]:
        """The columns of the answer that are worked out, and not brought along."""
        brought = {field.name for field in self.request}
        return tuple(field.name for field in self.inputs() if field.name not in brought)

    def brought(self) -> tuple[FieldSchema, ...]:
        """The fields that a row brings along beside its keys: asked for, or needed to derive others."""
        return (*self.request, *self._derived().request)

    def bound(self) -> tuple[BoundFeatures, ...]:
        """Every view that answers are made from, asked or hidden."""
        return (*self.views, *(hidden.bound for hidden in self._derived().features))

    def hidden(self) -> tuple[HiddenFeatures, ...]:
        """The features that are worked out for derived ones alone."""
        return self._derived().features

    def kept(self) -> tuple[View, ...]:
        """The views that have to be kept online for it, links among them, each once."""
        return tuple({view.digest(): view for bound in self.bound() for view in bound.kept()}.values())

    def aggregates(self) -> Iterator[tuple[str, Whom, Aggregate]]:
        """What is asked of facts: the column it becomes, of whom it is asked, and what defines it."""
        for bound in self.views:
            for feature in bound.view.features:
                yield f"{bound.name()}.{feature.name}", bound.whom(), feature.aggregate
        yield from self._hidden()

    def derivations(self) -> tuple[Derivation, ...]:
        """Its own derived features, beside those of its views."""
        return self._derived().derivations

    def meaning(self, derivation: Derivation) -> Digest:
        """What identifies the answers of one of its derived features: the formula, and what its inputs are."""
        inputs = derivation.formula.inputs()
        asked = [(name, _way(whom), each.meaning()) for name, whom, each in self.aggregates() if name in inputs]
        brought = [(field.name, field.type, field.unit) for field in self.brought() if field.name in inputs]
        return digest_document((derivation.formula, derivation.unit, asked, brought))

    def formulas(self) -> dict[str, Formula]:
        """The derived columns by name: those of the views that are asked, and the question's own."""
        own = {each.name: each.formula for each in self.derivations()}
        return {name: formula for bound in self.views for name, formula in of_view(bound).items()} | own

    def _hidden(self) -> Iterator[tuple[str, Whom, Aggregate]]:
        for hidden in self._derived().features:
            for feature in hidden.bound.view.features:
                if feature.name in hidden.features:
                    yield hidden_name(hidden.bound, feature.name), hidden.bound.whom(), feature.aggregate

    def _derived(self) -> DerivedFeatures:
        return DerivedFeatures(derivations=()) if self.derived is UNSET else self.derived

    def digest(self) -> Digest:
        """Its identity: two questions of one digest have the same answers."""
        views = [bound.identity() for bound in self.views]
        request = [field.name for field in self.request]
        if self.derived is UNSET:
            return digest_document((views, request))
        made = [(each.name, each.formula, each.unit) for each in self.derived.derivations]
        hidden = [(name, _way(whom), aggregate.meaning()) for name, whom, aggregate in self._hidden()]
        return digest_document((views, request, made, hidden, [field.name for field in self.derived.request]))

    def facts(self) -> tuple[FactSchema, ...]:
        """The fact types that answers are made from."""
        asked = {aggregate.fact.name: aggregate.fact for _, _, aggregate in self.aggregates()}
        links = {link.fact.name: link.fact for bound in self.bound() for link in bound.path()}
        return tuple({**asked, **links}.values())


def _way(whom: Whom) -> object:
    """A key, and what is looked up on the way from there."""
    key, links = whom
    return (key, [link_as_view(link).digest() for link in links]) if links else key


Asked = type[FeatureView] | BoundView | RequestFields | Derived


def question_of(spine: FactSchema, asked: Sequence[Asked], *, also: Sequence[str] = ()) -> Question:
    """Settle which column of the spine each view goes by; refuses what is ambiguous, missing or asked twice.

    `also` names keys that must come along though no view goes by them, so that outcomes can be joined later.
    """
    views: list[BoundFeatures] = []
    fields: list[FieldSchema] = []
    derived: list[Derived] = []
    spine = spine.unchecked()
    for part in asked:
        if isinstance(part, RequestFields):
            fields.extend(_in_spine(spine, field) for field in part.fields)
        elif isinstance(part, Derived):
            derived.append(part)
        else:
            bound = part if isinstance(part, BoundView) else BoundView(view=part.view)
            views.append(_bind(spine, bound))
    settled = _settled(spine, derived, views, fields)
    asked_of = (*views, *settled.features)
    keys = {part for key in (*also, *(bound.key for bound in asked_of)) for part in parts_of(key)}
    question = Question(
        keys=tuple(field for field in spine.key_fields() if field.name in keys),
        views=tuple(views),
        request=tuple(fields),
        derived=_derived(settled) if derived else UNSET,
    )
    names = [*(field.name for field in question.inputs()), *(field.name for field in settled.fields)]
    names += [key.name for key in question.keys if any(each.name == key.name for each in derived)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadView(
            f"Asked twice: {', '.join(twice)}.",
            next_step="Ask every feature and field once; a view for a second time as_='another_name'.",
        )
    return question


def _settled(
    spine: FactSchema, derived: Sequence[Derived], views: Sequence[BoundFeatures], fields: Sequence[FieldSchema]
) -> Settled:
    rows = Spine(
        bind=lambda bound: _bind(spine, bound),
        field_in=lambda field: _in_spine(spine, field),
        views=views,
        fields=fields,
    )
    return settle(derived, rows)


def _derived(settled: Settled) -> DerivedFeatures:
    hidden = [HiddenFeatures(bound=bound, features=names) for bound, names in settled.features.items()]
    return DerivedFeatures(derivations=settled.derivations, features=tuple(hidden), request=settled.fields)


def _in_spine(spine: FactSchema, field: FieldSchema) -> FieldSchema:
    found = spine.field(field.name)
    if found is None or found.type != field.type:
        raise BadView(
            f"The spine {spine.name} has no field {field.name} of type {field.type}.",
            next_step="Request fields come from the spine.",
        )
    return found


def _bind(spine: FactSchema, bound: BoundView) -> BoundFeatures:
    return BoundFeatures(
        view=bound.view, key=_key_in(spine, bound), links=bound.links or UNSET, alias=bound.alias or UNSET
    )


def _key_in(spine: FactSchema, bound: BoundView) -> str:
    entity = bound.entity()
    key = settle_key(spine, entity, bound.key)
    if key is not None:
        return key
    who = f"{bound.view.name} is of {entity}"
    if bound.links:
        who = f"{bound.view.name} is asked through {bound.links[0].fact.name} of a {entity}"
    asked = f"by {bound.key}" if bound.key else "by no key in particular"
    several = len(parts_of(entity)) > 1
    raise BadView(
        f"{who}, asked {asked}; {spine.name} has {choices_in_words(spine, entity)}.",
        next_step=f"Say which with View.on({'Spine.key, ...), in this order' if several else 'Spine.key)'}.",
    )
