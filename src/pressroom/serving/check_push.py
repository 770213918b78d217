"""Checks of a push that look at what is written: definitions, signatures, rules. Nothing answers yet."""

from collections.abc import Mapping, Sequence

from pressroom.catalog import Catalog, Entry
from pressroom.features import Features, FeatureUser, NotShared, Question, check_may_use
from pressroom.models import LoadedModel, verify_golden
from pressroom.policy import Rule, decide
from pressroom.ports import Blobs
from pressroom.serving.endpoint import Endpoint, EndpointDefinition
from pressroom.serving.errors import PushRefused
from pressroom.serving.trained_on import changed_feature
from pressroom.values import FieldSchema, InvalidInput

_TOLERANCE = 1e-6


def user_of(definition: EndpointDefinition) -> FeatureUser:
    """Who uses features when this endpoint is pushed."""
    return FeatureUser(owner=definition.owner, what=definition.name, how="push")


def ask_policy(definition: EndpointDefinition, entries: Sequence[Entry], rules: Sequence[Rule]) -> str:
    """Every model may be used for the endpoint's purpose."""
    for entry in entries:
        decision = decide(definition.purpose, labels=entry.labels, purposes=[entry.purposes], rules=rules)
        if not decision.allowed:
            raise PushRefused(
                f"{entry.name} may not answer for {definition.purpose!r}: {decision.because}.",
                next_step="Push a model made for this purpose, or ask the owner of the rule.",
            )
    return f"all models may be used for {definition.purpose}"


def check_shared(definition: EndpointDefinition, catalog: Catalog) -> str:
    """Every view is shared, or the owner's own."""
    try:
        check_may_use(definition.question, user_of(definition), catalog=catalog)
    except NotShared as error:
        raise PushRefused(error.message, next_step=error.next_step) from error
    return "every view is shared, or its owner's own"


def check_signatures(question: Question, models: Sequence[LoadedModel]) -> str:
    """The question gives every input of every model, with its type and unit."""
    asked = {field.name: field for field in question.inputs()}
    for model in models:
        if model.package.signature.output.type == "vector":
            raise PushRefused(
                f"{model.package.name} gives a vector, and an endpoint answers with one number.",
                next_step="Push a model of one output, such as an ensemble that takes one of its classes.",
            )
        for field in model.package.signature.inputs:
            if not _fits(asked.get(field.name), field):
                raise PushRefused(
                    f"{model.package.name} wants {field.name} ({_type(field)}, {field.unit or 'no unit'}), "
                    "which the endpoint's question does not give.",
                    next_step="Train on the endpoint's own training set.",
                )
    return "every input is asked, with its type and unit"


def _type(field: FieldSchema) -> str:
    return f"vector of {field.length}" if field.type == "vector" else field.type


def _fits(asked: FieldSchema | None, wanted: FieldSchema) -> bool:
    if asked is None or (asked.type, asked.unit) != (wanted.type, wanted.unit):
        return False
    return asked.type != "vector" or asked.length == wanted.length


def broken_callers(wanted: Mapping[str, FieldSchema], known: Mapping[str, FieldSchema]) -> list[str]:
    """What makes rows of `known` fields no rows of the `wanted` ones, in words."""
    return [
        *(f"{name} is no longer taken" for name in known if name not in wanted),
        *(f"{name} is needed now" for name, field in wanted.items() if name not in known and not field.optional),
        *(
            f"{name} is {_type(wanted[name])} now, it was {_type(field)}"
            for name, field in known.items()
            if name in wanted and _type(wanted[name]) != _type(field)
        ),
        *(
            f"{name} may not be null any more"
            for name, field in known.items()
            if name in wanted and field.optional and not wanted[name].optional
        ),
    ]


def check_callers(new: Endpoint, old: Endpoint | None, *, may_break: bool) -> str:
    """Whoever asks the version in use can ask the new one the same way."""
    if old is None:
        return "nobody asks it yet"
    wanted, known = ({field.name: field for field in each.row_fields()} for each in (new, old))
    broken = broken_callers(wanted, known)
    if new.output.unit != old.output.unit:
        broken.append(f"answers are {new.output.unit or 'numbers'} now, they were {old.output.unit or 'numbers'}")
    if broken and not may_break:
        raise PushRefused(
            f"Whoever asks {new.name} today would be refused: {broken[0]}.",
            next_step="Declare an endpoint of another name, or push with --break-callers.",
        )
    return f"callers have to change: {'; '.join(broken)}" if broken else "requests of today are understood"


def check_definitions(
    question: Question, entries: Sequence[Entry], models: Sequence[LoadedModel], catalog: Catalog, blobs: Blobs
) -> str:
    """Features are defined as they were in training."""
    for entry, model in zip(entries, models, strict=True):
        changed = changed_feature(question, entry, model.package.signature, catalog=catalog, blobs=blobs)
        if changed:
            raise PushRefused(
                f"{entry.name} {entry.version} was trained on another definition of {changed}.",
                next_step="Train again, on the definitions that are in force.",
            )
    return "features are defined as they were in training"


def check_golden(models: Sequence[LoadedModel], blobs: Blobs) -> str:
    """Every model answers its golden rows as it did when it was packed."""
    worst = 0.0
    for model in models:
        difference = verify_golden(model, blobs)
        if not difference <= _TOLERANCE:
            raise PushRefused(
                f"{model.package.name} answers its golden rows differently here (by {difference:.3g}).",
                next_step="Train it again in this environment.",
            )
        worst = max(worst, difference)
    return f"largest difference {worst:.1g}"


def check_baseline(definition: EndpointDefinition, entries: Sequence[Entry], catalog: Catalog) -> str:
    """Every model has a baseline that was made from the same training set."""
    baselines = {entry.parents for entry in catalog.entries("model", f"{definition.training_set}.baseline")}
    for entry in entries:
        if entry.parents not in baselines:
            raise PushRefused(
                f"{entry.name} {entry.version} has no baseline measured beside it.",
                next_step=f"Run `pressroom train {definition.training_set}`, which measures both.",
            )
    return "measured on the same rows"


def check_online(question: Question, features: Features) -> str:
    """Every view is materialised, and brought up to date now."""
    features.online(question)
    features.follow(question.kept())
    return "every view is materialised and up to date"


def check_log(endpoint: Endpoint) -> str:
    """Answers can be written down."""
    try:
        fact = endpoint.predictions()
    except InvalidInput as error:
        raise PushRefused(error.message, next_step=error.next_step) from error
    return f"answers are kept as {fact.name}"
