"""Questions: which features are asked of each row. Training sets and endpoints ask the same one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pressroom.facts import FieldReference
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
class BoundFeatures:
    """A view, and the column of the asking rows that holds its entity, or the columns, joined with "+"."""

    view: View
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of each row: features of the entities that its key columns name, and the fields it brings along."""

    keys: tuple[FieldSchema, ...]
    views: tuple[BoundFeatures, ...]
    request: tuple[FieldSchema, ...]

    def inputs(self) -> tuple[FieldSchema, ...]:
        """The columns of the answer, in order: features by view, then request fields."""
        features = tuple(field for bound in self.views for field in bound.view.results())
        return (*features, *(replace(field, entity=None) for field in self.request))

    def digest(self) -> Digest:
        """Its identity: two questions of one digest have the same answers."""
        views = [(bound.view.name, bound.view.digest(), bound.key) for bound in self.views]
        return digest_document((views, [field.name for field in self.request]))

    def facts(self) -> tuple[FactSchema, ...]:
        """The fact types that answers are made from."""
        return tuple({fact.name: fact for bound in self.views for fact in bound.view.facts()}.values())


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
            views.append(BoundFeatures(view=bound.view, key=_key_in(spine, bound)))
    keys = {part for key in (*also, *(bound.key for bound in views)) for part in parts_of(key)}
    question = Question(
        keys=tuple(field for field in spine.key_fields() if field.name in keys),
        views=tuple(views),
        request=tuple(fields),
    )
    names = [field.name for field in question.inputs()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadView(f"Asked twice: {', '.join(twice)}.", next_step="Ask every feature and field once.")
    return question


def _in_spine(spine: FactSchema, field: FieldSchema) -> FieldSchema:
    found = spine.field(field.name)
    if found is None or found.type != field.type:
        raise BadView(
            f"The spine {spine.name} has no field {field.name} of type {field.type}.",
            next_step="Request fields come from the spine.",
        )
    return found


def _key_in(spine: FactSchema, bound: BoundView) -> str:
    key = settle_key(spine, bound.view.entity, bound.key)
    if key is not None:
        return key
    asked = f"by {bound.key}" if bound.key else "by no key in particular"
    there = choices_in_words(spine, bound.view.entity)
    several = len(parts_of(bound.view.entity)) > 1
    raise BadView(
        f"{bound.view.name} is of {bound.view.entity}, asked {asked}; {spine.name} has {there}.",
        next_step=f"Say which with View.on({'Spine.key, ...), in this order' if several else 'Spine.key)'}.",
    )
