"""Whom a plan would break: models, ensembles, endpoints and experiments in use, and what each has to do. Pure.

Nothing that runs is stopped by a plan: an endpoint goes on with the features and models that it was pushed with. Broken
is who can't be trained, pushed or asked the same way afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pressroom.catalog import Entry, Wanted
from pressroom.features import View
from pressroom.models import Package
from pressroom.serving import Endpoint, broken_callers
from pressroom.values import Change, FieldSchema, Version
from pressroom.workspace.definitions import Definitions

Lost = Mapping[str, str]
"""Features by their full names, and what becomes of each: `is gone`, `is defined otherwise`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A consumer in use, why it can't go on unchanged, and what to do."""

    kind: Literal["model", "ensemble", "endpoint", "experiment"]
    name: str
    why: str
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInUse:
    """A model, its manifest, the training set that it was made from (empty: unknown), and who asks for it and how."""

    entry: Entry
    package: Package
    training_set: str
    consumers: Sequence[tuple[Entry, Wanted]] = ()

    def next_major(self) -> str:
        """The version that it gets when its signature, or what an input means, changes."""
        return str(Version.parse(self.entry.version).after(Change.MAJOR))


def lost_features(old: View, new: View) -> Lost:
    """What becomes of the features of a view that do not stay as they are."""
    before, after = _meanings(old), _meanings(new)
    lost = {name: "is gone" for name in before if name not in after}
    return lost | {name: "is defined otherwise" for name in before if name in after and before[name] != after[name]}


def broken_by(
    definitions: Definitions, lost: Lost, *, models: Sequence[ModelInUse], endpoints: Sequence[Endpoint]
) -> tuple[Broken, ...]:
    """Everybody whom these definitions break, given the features that are lost by them."""
    found: dict[tuple[str, str], list[Broken]] = {}

    def say(*all_of_it: Broken) -> None:
        for one in all_of_it:
            found.setdefault((one.kind, one.name), []).append(one)

    for model in models:
        say(*_model(model, definitions, lost))
    by_digest = {model.entry.digest: model for model in models}
    for endpoint in endpoints:
        said = _endpoint(endpoint, definitions, lost, by_digest)
        say(*said)
        named = any(("endpoint", endpoint.name) == key for key in found)
        if named and endpoint.experiment:
            say(
                Broken(
                    kind="experiment",
                    name=endpoint.experiment,
                    why=f"it runs on {endpoint.name}, whose next push would answer otherwise",
                    next_step="Conclude it first, or start it anew after the push.",
                )
            )
    order = ("model", "ensemble", "endpoint", "experiment")
    return tuple(_joined(found[key]) for key in sorted(found, key=lambda key: (order.index(key[0]), key[1])))


def _model(model: ModelInUse, definitions: Definitions, lost: Lost) -> list[Broken]:
    """A model whose inputs would not be what they were, and who pins it."""
    declared = definitions.training_sets.get(model.training_set)
    if declared is None:
        return []
    asked = {field.name: field for field in declared.question.inputs()}
    said = _of_inputs(model.package.signature.inputs, asked, lost)
    if not said:
        return []
    name, version = model.entry.name, model.next_major()
    made = Broken(
        kind="model",
        name=name,
        why=f"{model.entry.version} takes {said}; trained again it is {version}",
        next_step=f"pressroom train {model.training_set}",
    )
    return [made, *(one for entry, wanted in model.consumers if (one := _pinned(entry, wanted, name, version)))]


def _pinned(entry: Entry, wanted: Wanted, model: str, version: str) -> Broken | None:
    """Whom the new version of a model leaves behind, or hits unprepared."""
    kind: Literal["ensemble", "endpoint"] = "endpoint" if entry.kind == "endpoint" else "ensemble"
    if wanted.is_range():
        if wanted.allows(version):
            return None
        why, next_step = f"it pins {wanted}, which does not reach {version}", f"Pin {model}@^{version.split('.')[0]}."
    elif wanted.pin:
        return None
    else:
        why, next_step = f"it pins nothing of {model}: its next push takes {version}", f"Pin {wanted}@^, or be ready."
    if kind == "ensemble" and wanted.is_range():
        next_step += " Then pack it again."
    return Broken(kind=kind, name=entry.name, why=why, next_step=next_step)


def _endpoint(
    endpoint: Endpoint, definitions: Definitions, lost: Lost, models: Mapping[str, ModelInUse]
) -> list[Broken]:
    """An endpoint that can't be pushed again with its models, or whose callers would have to change."""
    said: list[Broken] = []
    declared = definitions.endpoints.get(endpoint.name)
    asked = [field for field in endpoint.question.inputs() if field.name in lost]
    if asked:
        listed = "; ".join(f"{field.name} {lost[field.name]}" for field in asked)
        why = f"it asks what changes: {listed}; it goes on with the old features until it is pushed"
        said.append(_of(endpoint, why, "Train again, then push."))
    if declared is None:
        return said
    inputs = {field.name: field for field in declared.question.inputs()}
    for route in endpoint.routes:
        model = models.get(route.digest)
        unfit = "" if model is None else _of_inputs(model.package.signature.inputs, inputs, {})
        if unfit:
            why = f"{route.model} {route.version}, which answers there, takes {unfit}"
            said.append(_of(endpoint, why, "Train again, then push."))
    wanted = {field.name: field for field in (*declared.question.keys, *declared.question.brought())}
    known = {field.name: field for field in endpoint.row_fields()}
    callers = broken_callers(wanted, known)
    if callers:
        why = f"whoever asks it has to change: {'; '.join(callers)}"
        said.append(_of(endpoint, why, "Declare an endpoint of another name, or push with --break-callers."))
    return said


def _of(endpoint: Endpoint, why: str, next_step: str) -> Broken:
    return Broken(kind="endpoint", name=endpoint.name, why=why, next_step=next_step)


def _of_inputs(inputs: Sequence[FieldSchema], asked: Mapping[str, FieldSchema], lost: Lost) -> str:
    """What is wrong with the inputs of a model, in words."""
    said: list[str] = []
    for field in inputs:
        now = asked.get(field.name)
        if now is None:
            said.append(f"{field.name}, which is not asked any more")
        elif _kind(now) != _kind(field):
            said.append(f"{field.name} as {_kind(field)}, and it is {_kind(now)} now")
        elif field.name in lost:
            said.append(f"{field.name}, which {lost[field.name]}")
    return "; ".join(said)


def _kind(field: FieldSchema) -> str:
    what = f"vector of {field.length}" if field.type == "vector" else field.type
    return f"{what} in {field.unit}" if field.unit else what


def _meanings(view: View) -> dict[str, tuple[object, ...]]:
    """What each feature means to who takes it: whom it is of, how it is worked out, and what comes out."""
    plain = {f"{view.name}.{each.name}": each.aggregate.meaning() for each in view.features}
    derived = {f"{view.name}.{each.name}": view.meaning(each) for each in view.derivations()}
    found: dict[str, tuple[object, ...]] = {name: (view.entity, meaning) for name, meaning in (plain | derived).items()}
    for result in view.results():
        if result.name in found:
            found[result.name] = (*found[result.name], _kind(result))
    return found


def _joined(said: Sequence[Broken]) -> Broken:
    """One line for a consumer that is broken in several ways."""
    first = said[0]
    whys, steps = (dict.fromkeys(values) for values in ((one.why for one in said), (one.next_step for one in said)))
    return Broken(kind=first.kind, name=first.name, why="; ".join(whys), next_step=" ".join(steps))
