"""Training sets as they are declared: which rows, which features, which label, for which purpose."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pressroom.facts import BadDefinition, Fact, FieldReference, Label, Next
from pressroom.features import (
    AnySpine,
    Asked,
    GivenRows,
    Question,
    facts_of_spine,
    identity_of_spine,
    label_key,
    question_of,
    settled_spine,
)
from pressroom.training.given_label import GivenLabel, given_label, refuse_own_names
from pressroom.training.split import AnySplit, EntitySplit, key_of_split
from pressroom.values import Digest, FactSchema, check_name, digest_document


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSetDefinition:
    """A question with an answer to learn from. `baseline` names the request fields whose mean is the model to beat."""

    name: str
    spine: AnySpine
    question: Question
    label: Label | GivenLabel
    purpose: str
    owner: str
    split: AnySplit
    baseline: tuple[str, ...]

    def digest(self) -> Digest:
        """Its identity: the same definition over the same facts gives the same rows."""
        label = replace(self.label, fact=self.label.fact.unchecked())
        return digest_document((identity_of_spine(self.spine), self.question.digest(), label, self.split))

    def labels(self) -> tuple[str, ...]:
        """What policy calls its rows: all labels of its inputs and of its label (and of given rows), sorted."""
        given = self.spine.labels if isinstance(self.spine, GivenRows) else ()
        fields = (*self.question.inputs(), self.label.result())
        return tuple(sorted({*given, *(label for field in fields for label in field.labels)}))

    def facts(self) -> tuple[FactSchema, ...]:
        """The fact types that its rows, its inputs and its label are made from."""
        label = () if isinstance(self.label, GivenLabel) else (self.label.fact,)
        return (*facts_of_spine(self.spine), *label, *self.question.facts())

    def label_key(self) -> str:
        """The key by which outcomes are joined; none where the label was given with the rows."""
        return "" if isinstance(self.label, GivenLabel) else label_key(self.label, self.spine.fact)


def training_set(  # noqa: PLR0913  (a declaration: every part of it is somebody's decision)
    name: str,
    *,
    spine: AnySpine | type[Fact],
    features: Sequence[Asked],
    label: Label | Next | FieldReference,
    split: AnySplit,
    purpose: str,
    baseline: Sequence[FieldReference] = (),
    owner: str = "",
) -> TrainingSetDefinition:
    """Declare a training set. Nothing is read before it is built.

    `label` may be a column of given rows, as it stands.
    """
    rows = settled_spine(spine, features)
    outcome = given_label(label, rows) if isinstance(label, FieldReference) else label
    outcome = outcome.label if isinstance(outcome, Next) else outcome
    also = [] if isinstance(outcome, GivenLabel) else [label_key(outcome, rows.fact)]
    if isinstance(split, EntitySplit):
        split = replace(split, key=key_of_split(split, rows.fact))
        also += split.keys()
    question = question_of(rows.fact, features, also=also)
    refuse_own_names(rows, question, outcome)
    if not baseline:
        raise BadDefinition(
            f"{name} has no baseline.", next_step="Name request fields whose mean is the model to beat: baseline=[...]."
        )
    asked = {field.name for field in question.request}
    for field in baseline:
        if field.schema.name not in asked:
            raise BadDefinition(
                f"The baseline goes by {field.schema.name}, which is no request field of {name}.",
                next_step="Ask for it with request(...), or go by another.",
            )
    return TrainingSetDefinition(
        name=check_name(name, what="a training set"),
        spine=rows,
        question=question,
        label=outcome,
        purpose=purpose,
        owner=owner,
        split=split,
        baseline=tuple(field.schema.name for field in baseline),
    )
