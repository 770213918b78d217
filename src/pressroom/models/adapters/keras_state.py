"""What training changes in Keras: a model's variables and those of its optimizer, as arrays."""

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pressroom.models.framework import framework
from pressroom.values import InvalidInput

_COUNTS = "counts.json"


def remember(part: Any) -> Callable[[], dict[str, bytes]]:
    """Copies of all variables, the model's first."""
    groups = _variables(part)
    convert = framework("keras.ops").convert_to_numpy
    arrays = [np.array(convert(each.value)) for group in groups for each in group]

    def files() -> dict[str, bytes]:
        made = {f"{number}.npy": _npy(array) for number, array in enumerate(arrays)}
        return {_COUNTS: json.dumps([len(group) for group in groups]).encode(), **made}

    return files


def recall(part: Any, files: Mapping[str, bytes]) -> object:
    """Assign them; an optimizer that has not begun yet gets its variables first."""
    counts = json.loads(files[_COUNTS])
    optimizer = getattr(part, "optimizer", None)
    if counts[1] and optimizer is not None and not optimizer.built:
        optimizer.build(part.trainable_variables)
    groups = _variables(part)
    if [len(group) for group in groups] != counts:
        raise InvalidInput(
            f"The saved state has {counts} variables, this model and its optimizer {[len(each) for each in groups]}.",
            next_step="Build and compile the model as it was when it was saved.",
        )
    for number, variable in enumerate([each for group in groups for each in group]):
        variable.assign(np.load(io.BytesIO(files[f"{number}.npy"]), allow_pickle=False))
    return part


def _variables(part: Any) -> tuple[list[Any], list[Any]]:
    optimizer = getattr(part, "optimizer", None)
    return list(part.variables), [] if optimizer is None else list(optimizer.variables)


def _npy(array: Any) -> bytes:
    sink = io.BytesIO()
    np.save(sink, array, allow_pickle=False)
    return sink.getvalue()
