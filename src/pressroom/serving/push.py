"""Pushing: the way of an endpoint version to the people it will answer, step by step.

Each step has a verdict, and all verdicts are kept as facts. A step that fails ends the push: what served before serves
on, and the push counts as failed.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import uuid4

from pressroom.catalog import Catalog, Entry, Reference, UnknownEntry
from pressroom.facts import Facts
from pressroom.features import Features, Question, record_use
from pressroom.models import DATA_ONLY, LoadedModel, Permits, load
from pressroom.policy import Rule
from pressroom.ports import Blobs, Clock
from pressroom.serving.canary import CANARY
from pressroom.serving.check_environment import check_environment
from pressroom.serving.check_push import (
    ask_policy,
    check_baseline,
    check_callers,
    check_definitions,
    check_golden,
    check_log,
    check_online,
    check_shared,
    check_signatures,
    user_of,
)
from pressroom.serving.endpoint import Endpoint, EndpointDefinition
from pressroom.serving.errors import PushRefused
from pressroom.serving.live import load_warm
from pressroom.serving.predict import Predictor
from pressroom.serving.push_steps import Verdict, record_steps
from pressroom.serving.rehearse import check_replay, check_server_path, warm
from pressroom.serving.route import Route, Share, ranges
from pressroom.serving.trial import Assignment, Rollout, settle_fallbacks, spread
from pressroom.values import PressroomError, from_document, to_document

_LONGEST_SAID = 300


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
    image: str = ""
    """The image that servers answer in, where it is stated."""


class _Steps:
    """Takes steps and remembers what each found."""

    def __init__(self) -> None:
        self.verdicts: list[Verdict] = []

    def take(self, name: str, step: Callable[[], str]) -> None:
        started = time.perf_counter_ns()
        try:
            found = step()
        except PressroomError as error:
            self._note(name, error.message, started, held=False)
            raise
        except Exception as error:
            # Models run here for the first time, and may meet whatever there is.
            said = f"The step {name!r} met an error: {type(error).__name__}: {_one_line(error)}."
            self._note(name, said, started, held=False)
            raise PushRefused(said, next_step="Push another model; this one does not work here.") from error
        self._note(name, found, started, held=True)

    def _note(self, name: str, found: str, started: int, *, held: bool) -> None:
        took_us = (time.perf_counter_ns() - started) // 1_000
        self.verdicts.append(Verdict(check=name, found=found, held=held, took_us=took_us))


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= _LONGEST_SAID else f"{text[: _LONGEST_SAID - 3]}..."


def push(
    definition: EndpointDefinition,
    shares: Sequence[Share],
    *,
    assignment: Assignment,
    rollout: Rollout,
    on: Pusher,
) -> Pushed:
    """Check every model, then move the endpoint's pointer. Raises PushRefused with the pointer where it was."""
    steps, name = _Steps(), uuid4().hex
    version = len(on.catalog.entries("endpoint", definition.name)) + 1
    try:
        old = _serving(definition.name, on)
        shared, assignment = spread(definition, shares, assignment, rollout, old)
        endpoint, entries = _walk(definition, shared, assignment, rollout, steps, old, version, on)
        reference = _publish(endpoint, definition, entries, shared, on)
        done = Verdict(check="push", found=f"version {version} answers")
        record_use(definition.question, user_of(definition), facts=on.facts)
        # Before the pointer moves: if this can't be written, what served before serves on.
        _record(on, [*steps.verdicts, done], name, definition.name, version)
    except PressroomError as error:
        failed = Verdict(check="push", found=error.message, held=False)
        with suppress(PressroomError):
            _record(on, [*steps.verdicts, failed], name, definition.name, version)
        raise
    on.catalog.point(reference)
    return Pushed(endpoint=endpoint, reference=reference, verdicts=tuple(steps.verdicts))


def _record(on: Pusher, verdicts: Sequence[Verdict], push: str, endpoint: str, version: int) -> None:
    record_steps(on.facts, verdicts, push=push, endpoint=endpoint, version=version, at=on.clock.now())


def _walk(  # noqa: PLR0913  (what a push is made of)
    definition: EndpointDefinition,
    shares: Sequence[Share],
    assignment: Assignment,
    rollout: Rollout,
    steps: _Steps,
    old: Endpoint | None,
    version: int,
    on: Pusher,
) -> tuple[Endpoint, list[Entry]]:
    """Every step before anybody is answered."""
    question = definition.question
    entries: list[Entry] = []
    models: list[LoadedModel] = []
    steps.take("resolve", lambda: _resolve(shares, entries, on.catalog))
    steps.take("policy", lambda: ask_policy(definition, entries, on.rules))
    steps.take("sharing", lambda: check_shared(definition, on.catalog))
    steps.take("load", lambda: _load(entries, models, on))
    steps.take("signature", lambda: check_signatures(question, models))
    endpoint = _endpoint(definition, shares, entries, models[0], assignment, version=version)
    endpoint = replace(
        endpoint,
        canary=CANARY if rollout.canary else "",
        promise=replace(endpoint.promise, fallbacks=settle_fallbacks(definition, old, on.catalog)),
    )
    steps.take("callers", lambda: check_callers(endpoint, old, may_break=rollout.break_callers))
    steps.take("environment", lambda: check_environment(models, on.image))
    steps.take("definitions", lambda: check_definitions(question, entries, models, on.catalog, on.blobs))
    steps.take("baseline", lambda: check_baseline(definition, entries, on.catalog))
    steps.take("warm-up", lambda: warm(models, on.blobs))
    steps.take("golden rows", lambda: check_golden(models, on.blobs))
    steps.take("server path", lambda: check_server_path(models, on.blobs))
    steps.take("online features", lambda: check_online(question, on.features))
    steps.take("prediction log", lambda: check_log(endpoint))
    steps.take("replay", lambda: _replay(endpoint, old, models, question, on))
    return endpoint, entries


def _resolve(shares: Sequence[Share], entries: list[Entry], catalog: Catalog) -> str:
    """Each model's name becomes one version, by its digest."""
    for share in shares:
        if share.digest:
            found = catalog.find(Reference(kind="model", name=share.model, digest=share.digest))
            if found is None:
                raise UnknownEntry(f"There is no model {share.model!r} of this digest.", next_step="Push another.")
            entries.append(found)
        else:
            entries.append(catalog.resolve("model", share.model))
    return ", ".join(f"{entry.name} {entry.version} is {entry.digest[:12]}" for entry in entries)


def _load(entries: Sequence[Entry], models: list[LoadedModel], on: Pusher) -> str:
    for entry in entries:
        try:
            models.append(load(entry.digest, on.blobs, on.permits))
        except PressroomError as error:
            said = f"{entry.name} {entry.version} can't be loaded: {error.message}"
            raise PushRefused(said, next_step=error.next_step) from error
    return f"{sum(model.package.size_bytes for model in models):,} bytes, beside what serves"


def _replay(
    endpoint: Endpoint, old: Endpoint | None, models: Sequence[LoadedModel], question: Question, on: Pusher
) -> str:
    by_digest = {model.digest: model for model in models}
    for digest in endpoint.models():
        if digest not in by_digest:
            by_digest[digest] = load_warm(digest, on.blobs, on.permits)
    return check_replay(Predictor(endpoint, by_digest, on.features.online(question)), old, on.facts)


def _serving(name: str, on: Pusher) -> Endpoint | None:
    """What answers before this push."""
    if on.catalog.pointer("endpoint", name) is None:
        return None
    return from_document(on.blobs.get(on.catalog.current("endpoint", name).document), Endpoint)


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
        Route(
            variant=share.variant,
            model=entry.name,
            version=entry.version,
            digest=entry.digest,
            low=low,
            high=high,
            when=share.when,
            shadow=share.shadow,
        )
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
        promise=definition.promise,
    )


def _publish(
    endpoint: Endpoint, definition: EndpointDefinition, entries: Sequence[Entry], shares: Sequence[Share], on: Pusher
) -> Reference:
    return on.catalog.publish(
        Entry(
            kind="endpoint",
            name=endpoint.name,
            digest=endpoint.digest(),
            version=str(endpoint.version),
            created=on.clock.now(),
            owner=definition.owner,
            document=on.blobs.put(to_document(endpoint)),
            purposes=(definition.purpose,),
            parents=tuple(entry.reference() for entry in entries),
            summary=tuple((share.variant or "all", f"{share.model} {_part(share)}") for share in shares),
            pins=tuple(share.model for share in shares),
        )
    )


def _part(share: Share) -> str:
    if share.shadow:
        return "shadow"
    return f"{share.share:.0%}" if share.when is None else f"where {share.when.field} is {share.when.among}"
