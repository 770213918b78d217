"""Bringing ONNX models of different origin to one set of operator versions.

Converters write the lowest version that they need, some list a domain twice, some not at all; two models can stand in
one graph only when all agree. An operator that did not change between two versions is raised by its number alone; the
default domain has a converter for the rest; ai.onnx.ml has none.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pressroom.models.errors import UnsupportedModel
from pressroom.models.framework import framework

ML = "ai.onnx.ml"
_ONLY_ADDED: Mapping[str, tuple[tuple[int, int], ...]] = {
    "TreeEnsembleClassifier": ((1, 3),),
    "TreeEnsembleRegressor": ((1, 3),),
    "LabelEncoder": ((2, 4),),
}
"""Operators of ai.onnx.ml that were changed by additions only: what was written for the first version means the same in
the second.
"""


def opsets_of(model: Any) -> dict[str, int]:
    """The versions that a model is written for; a domain listed twice counts with its highest."""
    found: dict[str, int] = {}
    for wanted in model.opset_import:
        domain = "" if wanted.domain == "ai.onnx" else wanted.domain
        found[domain] = max(found.get(domain, 0), wanted.version)
    return found


def common_opsets(models: Sequence[Any], least: Mapping[str, int]) -> dict[str, int]:
    """The highest version of each domain among the models, and at least `least`."""
    found = dict(least)
    for model in models:
        for domain, version in opsets_of(model).items():
            found[domain] = max(found.get(domain, 0), version)
    return found


def raised(model: Any, to: Mapping[str, int]) -> Any:
    """The model for these versions. Raises UnsupportedModel naming the operator that can't be raised."""
    onnx = framework("onnx")
    made = onnx.ModelProto()
    made.CopyFrom(model)
    before = {"": to[""], **opsets_of(model)}
    _set_opsets(made, before)
    changed = [node for node in made.graph.node if not node.domain or node.domain == "ai.onnx"]
    if any(_changes(node, before[""], to[""]) for node in changed):
        try:
            made = onnx.version_converter.convert_version(made, to[""])
        except Exception as error:
            reason = str(error).strip().splitlines()[0][:200]
            raise UnsupportedModel(
                f"onnx can't bring its operators from version {before['']} to {to['']}: {reason}.",
                next_step=f"Export the model for opset {to['']}.",
            ) from error
    for node in made.graph.node:
        if node.domain == ML and _ml_changes(node.op_type, before[ML], to[ML]):
            raise UnsupportedModel(
                f"Its {node.op_type} is of {ML} {before[ML]}, and means something else or nothing in {to[ML]}.",
                next_step="Convert it with a newer converter, or leave it to run by itself.",
            )
    _set_opsets(made, to)
    return made


def _set_opsets(model: Any, versions: Mapping[str, int]) -> None:
    helper = framework("onnx").helper
    del model.opset_import[:]
    model.opset_import.extend(helper.make_opsetid(domain, version) for domain, version in sorted(versions.items()))


def _changes(node: Any, before: int, after: int) -> bool:
    return _since(node.op_type, "", before) != _since(node.op_type, "", after)


def _ml_changes(op: str, before: int, after: int) -> bool:
    old, new = _since(op, ML, before), _since(op, ML, after)
    return old != new and (old, new) not in _ONLY_ADDED.get(op, ())


def _since(op: str, domain: str, version: int) -> int:
    """Since when the operator is as it is in `version` of its domain; below 0 where it is deprecated there."""
    schema = framework("onnx").defs.get_schema(op, version, domain)
    return -int(schema.since_version) if schema.deprecated else int(schema.since_version)
