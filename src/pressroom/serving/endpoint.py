"""Endpoints: a question, and who answers it for whom."""

from dataclasses import dataclass, replace

from pressroom.facts import Label
from pressroom.features import Question
from pressroom.models import prediction_schema
from pressroom.serving.route import Route
from pressroom.values import Digest, FactSchema, FieldSchema, digest_document


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointDefinition:
    """An endpoint as it is declared: what is asked, what will have been the right answer, and for which purpose.

    `training_set` names where its models come from; `label_key` is the key field by which outcomes are joined.
    """

    name: str
    question: Question
    label: Label
    label_key: str
    training_set: str
    purpose: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint at one of its versions: complete as data, so that a server needs nobody's code to run it.

    `unit` is the key field by which units are assigned to routes, `salt` what their hash is salted with; both are empty
    when one route answers all.
    """

    name: str
    version: int
    question: Question
    label: Label
    label_key: str
    output: FieldSchema
    routes: tuple[Route, ...]
    purpose: str
    experiment: str = ""
    unit: str = ""
    salt: str = ""

    def digest(self) -> Digest:
        """Its identity."""
        return digest_document(self)

    def predictions(self) -> FactSchema:
        """The fact type that its answers are written as: for its own purpose, and depending on no route."""
        keys = {field.name for field in self.question.keys}
        inputs = [field for field in self.question.inputs() if field.name not in keys]
        # What others are derived from is kept too, so that they can be worked out again.
        taken = keys | {field.name for field in inputs}
        inputs += [replace(field, entity=None) for field in self.question.brought() if field.name not in taken]
        return prediction_schema(
            self.name, (*self.question.keys, *inputs), output_unit=self.output.unit, purposes=(self.purpose,)
        )
