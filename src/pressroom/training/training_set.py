"""Training sets as they are declared: which rows, which features, which label, for which purpose."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pressroom.facts import BadDefinition, Fact, FieldReference, Label, Next, Spine
from pressroom.features import Asked, Question, label_key, question_of
from pressroom.values import Digest, Instant, check_name, digest_document, parse_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """By time: rows before `train_until` train, those before `validate_until` validate, later ones are left out."""

    train_until: Instant
    validate_until: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSetDefinition:
    """A question with an answer to learn from. `baseline` names the request fields whose mean is the model to beat."""

    name: str
    spine: Spine
    question: Question
    label: Label
    purpose: str
    owner: str
    split: Split
    baseline: tuple[str, ...]

    def digest(self) -> Digest:
        """Its identity: the same definition over the same facts gives the same rows."""
        spine = replace(self.spine, fact=self.spine.fact.unchecked())
        label = replace(self.label, fact=self.label.fact.unchecked())
        return digest_document((spine, self.question.digest(), label, self.split))

    def labels(self) -> tuple[str, ...]:
        """What policy calls its rows: all labels of its inputs and of its label, sorted."""
        fields = (*self.question.inputs(), self.label.result())
        return tuple(sorted({label for field in fields for label in field.labels}))

    def label_key(self) -> str:
        """The key by which outcomes are joined."""
        return label_key(self.label, self.spine.fact)


def split_by_time(*, train_until: str, validate_until: str) -> Split:
    """Split at two instants, written with a zone."""
    split = Split(train_until=parse_instant(train_until), validate_until=parse_instant(validate_until))
    if split.train_until >= split.validate_until:
        raise BadDefinition("The split validates before it trains.", next_step="Give train_until < validate_until.")
    return split


def training_set(  # noqa: PLR0913  (a declaration: every part of it is somebody's decision)
    name: str,
    *,
    spine: Spine | type[Fact],
    features: Sequence[Asked],
    label: Label | Next,
    split: Split,
    purpose: str,
    baseline: Sequence[FieldReference] = (),
    owner: str = "",
) -> TrainingSetDefinition:
    """Declare a training set. Nothing is read before it is built."""
    rows = spine if isinstance(spine, Spine) else Spine(fact=spine.schema)
    outcome = label.label if isinstance(label, Next) else label
    key = label_key(outcome, rows.fact)
    question = question_of(rows.fact, features, also=[key])
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
