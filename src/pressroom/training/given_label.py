"""Given labels: a column of given rows that says what came of each."""

from dataclasses import dataclass, replace

from pressroom.facts import BadDefinition, FieldReference, Label
from pressroom.features import AnySpine, GivenRows, Question
from pressroom.values import FactSchema, FieldSchema

_NUMBERS = ("float", "int", "bool")
_OWN = frozenset(("label", "split"))


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenLabel:
    """The label of each row is what its column `field` says, as a number; null where it is not known."""

    fact: FactSchema
    field: str

    def words(self) -> str:
        """The label as a phrase."""
        return f"{self.field}, as given"

    def result(self) -> FieldSchema:
        """What comes out, as a field called `label`."""
        (found,) = (field for field in self.fact.fields if field.name == self.field)
        return replace(found, name="label", type="float", doc=self.words(), optional=True)


def given_label(field: FieldReference, spine: AnySpine) -> GivenLabel:
    """The label in a column of the spine; refuses one of another table, and one that is no number."""
    if not isinstance(spine, GivenRows) or spine.fact.field(field.schema.name) != field.schema:
        raise BadDefinition(
            f"The label {field!r} is no column of the given rows.",
            next_step='Name one of them (rows["outcome"]), or look forward: Fact.field.next(within=...).',
        )
    if field.schema.type not in _NUMBERS:
        raise BadDefinition(
            f"The label {field!r} is {field.schema.type}.", next_step="Give a column of numbers, or of true and false."
        )
    return GivenLabel(fact=spine.fact, field=field.schema.name)


def refuse_own_names(spine: AnySpine, question: Question, label: Label | GivenLabel | None) -> None:
    """Refuse given rows with a column that a training set makes itself."""
    if not isinstance(spine, GivenRows):
        return
    taken = {field.name for field in question.inputs()}.difference(field.name for field in question.request)
    if label is not None:
        taken |= _OWN.difference([label.field] if isinstance(label, GivenLabel) else [])
    if spine.instant != "as_of":
        taken.add("as_of")
    both = [name for name in spine.names if name in taken]
    if both:
        raise BadDefinition(
            f"The given rows have a column {both[0]!r}, which is made here.", next_step="Rename that column."
        )
