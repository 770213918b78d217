"""`pressroom why`: one prediction, from the answer back to the facts."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

import pyarrow.compute as pc
import typer

from pressroom.catalog import Node, Reference
from pressroom.doors.cli.failures import NothingSo
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table, print_tree
from pressroom.doors.cli.tree import lineage_tree
from pressroom.models import inputs_from_rows, prediction_field, sentences
from pressroom.serving import Endpoint
from pressroom.values import PressroomError, format_instant, parse_instant
from pressroom.workspace import Workspace, open_workspace

_WITHIN_S = 1.0


def why_command(
    prediction_id: Annotated[
        str, typer.Argument(metavar="ID", help="The prediction's id, as its answer gave it, or its request's trace id.")
    ],
    *,
    endpoint: Annotated[str, typer.Option(help="Look at this endpoint only.", show_default=False)] = "",
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Explain one prediction in layers: the answer, the features behind it, the model, and what that was made from.

    Example:
      pressroom why 6f1c0e0b7c5b4c0f9a3d1d3b2a1f0e9d --endpoint delivery_risk
    """
    with open_workspace(folder) as workspace:
        running, row = _find(workspace, prediction_id, endpoint)
        node = _lineage(workspace, running.name, row)
        told = _contributions(workspace, running, row)
    document = _document(running, row)
    if as_json:
        print_json({**document, "contributions": told.document, "lineage": node.document()})
        return
    print_lines(
        f"{running.name} answered {row['prediction']:.4f} at {document['as_of']}, in {row['latency_us']:,} us.",
        f"That is the {running.output.unit} of: {running.label.words()}.",
    )
    units = {prediction_field(field.name): field.unit for field in running.question.inputs()}
    asked = {field.name: row[field.name] for field in running.question.keys}
    print_table(("asked about", "value"), list(asked.items()))
    shown = [(name, value, units.get(prediction_field(name))) for name, value in _features(running, row).items()]
    print_table(("feature", "value>", "unit"), shown)
    print_lines(*told.sentences, "")
    if row["fallback"]:
        print_lines(f"A fallback answered: {row['fallback']}.")
    if row["trace_id"]:
        print_lines(f"Its request belongs to the trace {row['trace_id']}.")
    print_lines(f"Model {row['model']} {row['version']}" + (f", variant {row['variant']}" if row["variant"] else ""))
    print_tree(lineage_tree(node))


def _find(workspace: Workspace, prediction_id: str, endpoint: str) -> tuple[Endpoint, dict[str, Any]]:
    names = [endpoint] if endpoint else workspace.catalog.names("endpoint")
    for name in names:
        running = workspace.serving.current(name)
        table, _ = workspace.facts.read(running.predictions())
        ids = [pc.equal(table.column(name), prediction_id) for name in ("prediction_id", "trace_id")]
        found = table.filter(pc.or_kleene(*ids))
        if found.num_rows:
            # The instant is read as microseconds; Python's own datetimes would need a zone to be made of it.
            event = found.column("event").cast("int64")[0].as_py()
            return running, {**found.drop_columns(["event", "known"]).to_pylist()[0], "event": event}
    raise NothingSo(
        f"No prediction {prediction_id!r} was written down for {', '.join(names) or 'any endpoint: there is none'}.",
        next_step="Ids come with each answer, and in spans; `pressroom predict` shows them.",
    )


def _lineage(workspace: Workspace, name: str, row: dict[str, Any]) -> Node:
    """From the endpoint's version that answered, through the model that it chose, to the facts."""
    versions = workspace.catalog.entries("endpoint", name)
    answered = next((entry for entry in versions if entry.version == str(row["endpoint_version"])), None)
    model = workspace.catalog.lineage(Reference(kind="model", name=row["model"], digest=row["digest"]))
    if answered is None:
        return model
    node = workspace.catalog.lineage(answered.reference())
    return replace(node, parents=(model,))


def _features(endpoint: Endpoint, row: dict[str, Any]) -> dict[str, object]:
    keys = {field.name for field in endpoint.question.keys}
    names = [field.name for field in endpoint.question.inputs() if field.name not in keys]
    return {name: row[prediction_field(name)] for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What moved the answer, in words and as a document."""

    sentences: list[str]
    document: dict[str, object] | None


def _contributions(workspace: Workspace, endpoint: Endpoint, row: dict[str, Any]) -> _Told:
    """What each input did to the answer; a model that can't be loaded here any more says so instead."""
    keys = {field.name: row[field.name] for field in endpoint.question.keys}
    given = {name: _as_input(value) for name, value in {**keys, **_features(endpoint, row)}.items()}
    try:
        loaded = workspace.models.load(f"{row['model']}@{row['digest']}")
        inputs = inputs_from_rows(loaded.package.signature, [given])
        found = workspace.models.explain_loaded(loaded, inputs, within_s=_WITHIN_S)
    except PressroomError as error:
        return _Told(sentences=[f"What moved the answer can't be told: {error.message}"], document=None)
    parts = found.contributions
    document: dict[str, object] = {
        "method": parts.method,
        "space": parts.space,
        "base": float(parts.base[0]),
        "values": dict(zip(parts.names, parts.values[0].tolist(), strict=True)),
        "error": dict(zip(parts.names, parts.error[0].tolist(), strict=True)),
        "effects": dict(zip(parts.names, found.effects()[0].tolist(), strict=True)),
    }
    return _Told(sentences=[*sentences(found, inputs, 0), f"({parts.method})"], document=document)


def _as_input(value: object) -> object:
    """A value that was kept as a model takes it: instants as microseconds."""
    return parse_instant(value.isoformat()) if isinstance(value, datetime) else value


def _document(endpoint: Endpoint, row: dict[str, Any]) -> dict[str, object]:
    told = (
        "prediction_id", "prediction", "model", "version", "digest", "variant", "unit", "endpoint_version", "fallback",
        "trace_id",
    )  # fmt: skip
    return {
        "endpoint": endpoint.name,
        "as_of": format_instant(row["event"]),
        **{name: row[name] for name in told},
        "latency_us": row["latency_us"],
        "keys": {field.name: row[field.name] for field in endpoint.question.keys},
        "features": _features(endpoint, row),
    }
