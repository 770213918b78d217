"""Rows on which a fused graph must answer like the separate models: everyday ones, and the ones where trees are
brittle.
"""

from dataclasses import replace

import numpy as np

from pressroom.models.ensemble.checked import Checked
from pressroom.models.signature import Column, Floats, Inputs, length_of
from pressroom.models.structure import Linear, Structure, Trees
from pressroom.values import FieldSchema

ROWS = 64


def probe_rows(checked: Checked) -> Inputs:
    """ROWS rows. A number input takes values that the models split at, values just above and at the nearest float32,
    and numbers of the same spread, if it is optional null; a text takes levels that a linear model knows, and one that
    none does.
    """
    draw = np.random.default_rng(17)
    made: dict[str, Column] = {}
    for field in checked.signature.inputs:
        if field.type == "string":
            made[field.name] = _texts(checked, field.name, draw, optional=field.optional)
            continue
        if field.type == "vector":
            made[field.name] = _vectors(checked, field, draw)
            continue
        made[field.name] = _numbers(field, _edges(checked, field.name), draw)
    return made


def _numbers(field: FieldSchema, edges: Floats, draw: np.random.Generator) -> Floats:
    spread = float(edges.std()) if len(edges) > 1 and edges.std() > 0 else 1.0
    centre = float(edges.mean()) if len(edges) else 0.0
    values = draw.normal(centre, 2 * spread, ROWS)
    if field.type != "float":
        values = np.round(np.abs(values)) if field.type != "bool" else (values > centre).astype(np.float64)
    elif len(edges):
        chosen = draw.choice(edges, ROWS // 2)
        near = np.stack([chosen, np.nextafter(chosen, np.inf), chosen.astype(np.float32).astype(np.float64)])
        values[: ROWS // 2] = near[draw.integers(0, 3, ROWS // 2), np.arange(ROWS // 2)]
    if field.optional:
        values[draw.random(ROWS) < 0.1] = np.nan
    return draw.permutation(values)


def _vectors(checked: Checked, field: FieldSchema, draw: np.random.Generator) -> Floats:
    number = replace(field, type="float", optional=False)
    edges = [_edges(checked, field.name, f".{place}") for place in range(length_of(field))]
    made = np.stack([_numbers(number, found, draw) for found in edges], axis=1)
    if field.optional:
        made[draw.random(ROWS) < 0.1] = np.nan
    return made


def _edges(checked: Checked, name: str, number: str = "") -> Floats:
    """The finite thresholds at which trees split this input, or this number of it where it is a vector."""
    found: list[Floats] = []
    for node in checked.ensemble.models():
        member = checked.members[node.name]
        if isinstance(member.structure, Trees):
            fed = {f"{n}{number}" for n in member.signature.names() if checked.source(node, n) == name}
            wanted = [place for place, known in enumerate(member.structure.inputs) if known in fed]
            inner = np.isin(member.structure.feature, wanted) & (member.structure.feature >= 0)
            found.append(member.structure.threshold[inner])
    edges = np.concatenate(found) if found else np.empty(0)
    return edges[np.isfinite(edges) & (np.abs(edges) < 1e30)]


def _texts(checked: Checked, name: str, draw: np.random.Generator, *, optional: bool) -> Column:
    known: list[str | None] = ["a text that no model knows"]
    for node in checked.ensemble.models():
        structure: Structure | None = checked.members[node.name].structure
        if isinstance(structure, Linear):
            for levels in structure.levels:
                if checked.source(node, levels.input) == name:
                    known.extend(levels.values)
    if optional:
        known.append(None)
    column: Column = np.empty(ROWS, dtype=np.object_)
    column[:] = [known[place] for place in draw.integers(0, len(known), ROWS)]
    return column
