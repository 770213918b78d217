"""Pushing: the checks between a trained model and the people it will answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from pressroom.catalog import Catalog, Entry, Reference
from pressroom.facts import Facts
from pressroom.features import Features, FeatureUser, NotShared, Question, check_may_use, record_use
from pressroom.models import DATA_ONLY, LoadedModel, Permits, load, verify_golden
from pressroom.policy import Rule, decide
from pressroom.ports import Blobs, Clock
from pressroom.serving.endpoint import Endpoint, EndpointDefinition
from pressroom.serving.errors import PushRefused
from pressroom.serving.route import Route, Share, ranges
from pressroom.serving.trained_on import changed_feature
from pressroom.values import FieldSchema, InvalidInput, to_document

_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One check of a push, and what it found."""

    check: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """An endpoint version that serves now, and the checks it passed."""

    endpoint: Endpoint
    reference: Reference
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pusher:
    """What a push works on."""

    catalog: Catalog
    blobs: Blobs
    facts: Facts
    features: Features
    clock: Clock
    rules: tuple[Rule, ...]
    permits: Permits = DATA_ONLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """By which key field units are spread over the routes, for which experiment; empty when one route answers all."""

    experiment: str = ""
    unit: str = ""
    salt: str = ""


def push(definition: EndpointDefinition, shares: Sequence[Share], *, assignment: Assignment, on: Pusher) -> Pushed:
    """Check every model, then move the endpoint's pointer. Raises PushRefused with the pointer where it was."""
    entries = [on.catalog.resolve("model", share.model) for share in shares]
    models = [load(entry.digest, on.blobs, on.permits) for entry in entries]
    verdicts = [
        _ask_policy(definition, entries, on.rules),
        _check_shared(definition, on.catalog),
        _check_signatures(definition.question, models),
        _check_definitions(definition.question, entries, models, on),
        _check_golden(models, on.blobs),
        _check_baseline(definition, entries, on.catalog),
        _check_online(definition.question, on.features),
    ]
    endpoint = _endpoint(definition, shares, entries, models[0], assignment, version=_next_version(definition, on))
    verdicts.append(_check_log(endpoint))
    document = on.blobs.put(to_document(endpoint))
    reference = on.catalog.publish(
        Entry(
            kind="endpoint",
            name=definition.name,
            digest=endpoint.digest(),
            version=str(endpoint.version),
            created=on.clock.now(),
            owner=definition.owner,
            document=document,
            purposes=(definition.purpose,),
            parents=tuple(entry.reference() for entry in entries),
            summary=tuple((share.variant or "all", f"{share.model} {share.share:.0%}") for share in shares),
            pins=tuple(share.model for share in shares),
        )
    )
    # Before the pointer moves: if this can't be written, what served before serves on.
    record_use(definition.question, _user(definition), facts=on.facts)
    on.catalog.point(reference)
    return Pushed(endpoint=endpoint, reference=reference, verdicts=tuple(verdicts))


def _next_version(definition: EndpointDefinition, on: Pusher) -> int:
    return len(on.catalog.entries("endpoint", definition.name)) + 1


def _endpoint(
    definition: EndpointDefinition,
    shares: Sequence[Share],
    entries: Sequence[Entry],
    model: LoadedModel,
    assignment: Assignment,
    *,
    version: int,
) -> Endpoint:
    routes = [
        Route(variant=share.variant, model=entry.name, version=entry.version, digest=entry.digest, low=low, high=high)
        for share, entry, (low, high) in zip(shares, entries, ranges(shares), strict=True)
    ]
    return Endpoint(
        name=definition.name,
        version=version,
        question=definition.question,
        label=definition.label,
        label_key=definition.label_key,
        output=model.package.signature.output,
        routes=tuple(routes),
        purpose=definition.purpose,
        experiment=assignment.experiment,
        unit=assignment.unit,
        salt=assignment.salt,
    )


def _ask_policy(definition: EndpointDefinition, entries: Sequence[Entry], rules: Sequence[Rule]) -> Verdict:
    for entry in entries:
        decision = decide(definition.purpose, labels=entry.labels, purposes=[entry.purposes], rules=rules)
        if not decision.allowed:
            raise PushRefused(
                f"{entry.name} may not answer for {definition.purpose!r}: {decision.because}.",
                next_step="Push a model made for this purpose, or ask the owner of the rule.",
            )
    return Verdict(check="policy", found=f"all models may be used for {definition.purpose}")


def _user(definition: EndpointDefinition) -> FeatureUser:
    return FeatureUser(owner=definition.owner, what=definition.name, how="push")


def _check_shared(definition: EndpointDefinition, catalog: Catalog) -> Verdict:
    try:
        check_may_use(definition.question, _user(definition), catalog=catalog)
    except NotShared as error:
        raise PushRefused(error.message, next_step=error.next_step) from error
    return Verdict(check="sharing", found="every view is shared, or its owner's own")


def _check_signatures(question: Question, models: Sequence[LoadedModel]) -> Verdict:
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
                    f"{model.package.name} wants {field.name} ({field.type}, {field.unit or 'no unit'}), "
                    "which the endpoint's question does not give.",
                    next_step="Train on the endpoint's own training set.",
                )
    return Verdict(check="signature", found="every input is asked, with its type and unit")


def _fits(asked: FieldSchema | None, wanted: FieldSchema) -> bool:
    return asked is not None and (asked.type, asked.unit) == (wanted.type, wanted.unit)


def _check_definitions(
    question: Question, entries: Sequence[Entry], models: Sequence[LoadedModel], on: Pusher
) -> Verdict:
    for entry, model in zip(entries, models, strict=True):
        changed = changed_feature(question, entry, model.package.signature, catalog=on.catalog, blobs=on.blobs)
        if changed:
            raise PushRefused(
                f"{entry.name} {entry.version} was trained on another definition of {changed}.",
                next_step="Train again, on the definitions that are in force.",
            )
    return Verdict(check="definitions", found="features are defined as they were in training")


def _check_golden(models: Sequence[LoadedModel], blobs: Blobs) -> Verdict:
    worst = 0.0
    for model in models:
        difference = verify_golden(model, blobs)
        if not difference <= _TOLERANCE:
            raise PushRefused(
                f"{model.package.name} answers its golden rows differently here (by {difference:.3g}).",
                next_step="Train it again in this environment.",
            )
        worst = max(worst, difference)
    return Verdict(check="golden rows", found=f"largest difference {worst:.1g}")


def _check_baseline(definition: EndpointDefinition, entries: Sequence[Entry], catalog: Catalog) -> Verdict:
    """Every model has a baseline that was made from the same training set."""
    baselines = {entry.parents for entry in catalog.entries("model", f"{definition.training_set}.baseline")}
    for entry in entries:
        if entry.parents not in baselines:
            raise PushRefused(
                f"{entry.name} {entry.version} has no baseline measured beside it.",
                next_step=f"Run `pressroom train {definition.training_set}`, which measures both.",
            )
    return Verdict(check="baseline", found="measured on the same rows")


def _check_online(question: Question, features: Features) -> Verdict:
    features.online(question)
    features.follow([bound.view for bound in question.views])
    return Verdict(check="online features", found="every view is materialised and up to date")


def _check_log(endpoint: Endpoint) -> Verdict:
    try:
        fact = endpoint.predictions()
    except InvalidInput as error:
        raise PushRefused(error.message, next_step=error.next_step) from error
    return Verdict(check="prediction log", found=f"answers are kept as {fact.name}")
