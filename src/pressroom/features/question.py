"""Questions: which features are asked of each row. Training sets and endpoints ask the same one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from msgspec import UNSET

from pressroom.facts import FieldReference
from pressroom.features.bound import BoundFeatures
from pressroom.features.errors import BadView
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
class Question:
    """What is asked of each row: features of the entities that its key columns name, and the fields it brings along."""

    keys: tuple[FieldSchema, ...]
    views: tuple[BoundFeatures, ...]
    request: tuple[FieldSchema, ...]

    def inputs(self) -> tuple[FieldSchema, ...]:
        """The columns of the answer, in order: features by view, then request fields."""
        features = tuple(field for bound in self.views for field in bound.results())
        return (*features, *(replace(field, entity=None) for field in self.request))

    def digest(self) -> Digest:
        """Its identity: two questions of one digest have the same answers."""
        return digest_document(([bound.identity() for bound in self.views], [field.name for field in self.request]))

    def facts(self) -> tuple[FactSchema, ...]:
        """The fact types that answers are made from."""
        return tuple({fact.name: fact for bound in self.views for fact in bound.facts()}.values())

    def kept(self) -> tuple[View, ...]:
        """The views that have to be kept online for it, links among them, each once."""
        return tuple({view.digest(): view for bound in self.views for view in bound.kept()}.values())


Asked = type[FeatureView] | BoundView | RequestFields


def question_of(spine: FactSchema, asked: Sequence[Asked], *, also: Sequence[str] = ()) -> Question:
    """Settle which column of the spine each view goes by; refuses what is ambiguous, missing or asked twice.

    `also` names keys that must come along though no view goes by them, so that outcomes can be joined later.
    """
    views: list[BoundFeatures] = []
    fields: list[FieldSchema] = []
    spine = spine.unchecked()
    for part in asked:
        if isinstance(part, RequestFields):
            fields.extend(_in_spine(spine, field) for field in part.fields)
        else:
            bound = part if isinstance(part, BoundView) else BoundView(view=part.view)
            views.append(_settled(spine, bound))
    keys = {part for key in (*also, *(bound.key for bound in views)) for part in parts_of(key)}
    question = Question(
        keys=tuple(field for field in spine.key_fields() if field.name in keys),
        views=tuple(views),
        request=tuple(fields),
    )
    names = [field.name for field in question.inputs()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadView(
            f"Asked twice: {', '.join(twice)}.",
            next_step="Ask every feature and field once; a view for a second time as_='another_name'.",
        )
    return question


def _in_spine(spine: FactSchema, field: FieldSchema) -> FieldSchema:
    found = spine.field(field.name)
    if found is None or found.type != field.type:
        raise BadView(
            f"The spine {spine.name} has no field {field.name} of type {field.type}.",
            next_step="Request fields come from the spine.",
        )
    return found


def _settled(spine: FactSchema, bound: BoundView) -> BoundFeatures:
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
