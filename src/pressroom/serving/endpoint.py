"""Endpoints: a question, and who answers it for whom."""

from dataclasses import dataclass, field, replace

from pressroom.facts import Label
from pressroom.features import Question
from pressroom.models import prediction_schema
from pressroom.serving.promise import Promise
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
    promise: Promise = field(default_factory=Promise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint at one of its versions: complete as data, so that a server needs nobody's code to run it.

    `unit` is the key field by which units are assigned to routes, `salt` what their hash is salted with; both are empty
    when one route answers all. `canary` names the variant that is on trial: it is taken back by itself when it breaks
    its promise.
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
    canary: str = ""
    promise: Promise = field(default_factory=Promise)

    def digest(self) -> Digest:
        """Its identity."""
        return digest_document(self)

    def row_fields(self) -> tuple[FieldSchema, ...]:
        """What a row of a request has: keys, then request fields, each once."""
        fields = {field.name: field for field in (*self.question.keys, *self.question.brought())}
        return tuple(fields.values())

    def models(self) -> tuple[Digest, ...]:
        """Every model that it may need, fallbacks among them, each once."""
        named = [*(route.digest for route in self.routes), *(each.digest for each in self.promise.fallbacks)]
        return tuple(dict.fromkeys(digest for digest in named if digest))

    def shadows(self) -> FactSchema:
        """The fact type that the answers of its shadow routes are written as."""
        meant = self.predictions()
        kept = ("prediction_id", "prediction", "model", "version", "digest", "endpoint_version")
        fields = tuple(field for field in meant.fields if field.entity is not None or field.name in kept)
        told = FieldSchema(name="told", type="float", unit=self.output.unit, doc="the answer that was given")
        labels = next(field.labels for field in fields if field.name == "prediction")
        return FactSchema(
            name=f"shadow.{self.name}",
            doc=f"What a model that answers nobody would have answered at the endpoint {self.name}.",
            fields=(*fields, replace(told, labels=labels)),
            purposes=meant.purposes,
        )

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
