"""What training changes in PyTorch: modules, optimizers, schedulers and scalers, as safetensors and JSON."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from pressroom.models.errors import UnsupportedModel
from pressroom.models.framework import framework
from pressroom.values import InvalidInput

_TREE, _TENSORS = "state.json", "state.safetensors"
_TENSOR, _PAIRS, _TUPLE = "__tensor__", "__pairs__", "__tuple__"


def has_state(part: object) -> bool:
    """Whether it is of PyTorch's own classes, or of a class made from one, and has a state to save and load."""
    origins = {kind.__module__.partition(".")[0] for kind in type(part).__mro__}
    return "torch" in origins and "keras" not in origins and hasattr(part, "load_state_dict")


def remember(part: Any) -> Callable[[], dict[str, bytes]]:
    """Copies of its tensors, on the processor."""
    tensors: dict[str, Any] = {}
    tree = _down(part.state_dict(), tensors, type(part).__name__)

    def files() -> dict[str, bytes]:
        save = framework("safetensors.torch").save
        return {_TREE: json.dumps(tree).encode(), _TENSORS: save(tensors)}

    return files


def recall(part: Any, files: Mapping[str, bytes]) -> object:
    """Load the state into `part`, which must be of the same shape."""
    tensors = framework("safetensors.torch").load(files[_TENSORS])
    try:
        part.load_state_dict(_up(json.loads(files[_TREE]), tensors))
    except (RuntimeError, ValueError, KeyError, AttributeError) as error:
        raise InvalidInput(
            f"The saved state does not fit this {type(part).__name__}: {str(error).splitlines()[0]}",
            next_step="Make it as it was made when it was saved, or train from the start in another folder.",
        ) from error
    return part


def _down(value: Any, tensors: dict[str, Any], what: str) -> Any:
    torch = framework("torch")
    if isinstance(value, torch.Tensor):
        name = str(len(tensors))
        tensors[name] = value.detach().to("cpu", copy=True).contiguous()
        return {_TENSOR: name}
    if isinstance(value, Mapping):
        return {_PAIRS: [[key, _down(each, tensors, f"{what}.{key}")] for key, each in value.items()]}
    if isinstance(value, tuple):
        return {_TUPLE: [_down(each, tensors, what) for each in value]}
    if isinstance(value, list):
        return [_down(each, tensors, what) for each in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise UnsupportedModel(
        f"{what} holds a {type(value).__name__}, which can't be kept as data.",
        next_step="Leave it out of the state, and make it anew when the training starts.",
    )


def _up(tree: Any, tensors: Mapping[str, Any]) -> Any:
    if isinstance(tree, list):
        return [_up(each, tensors) for each in tree]
    if not isinstance(tree, dict):
        return tree
    if _TENSOR in tree:
        return tensors[tree[_TENSOR]]
    if _TUPLE in tree:
        return tuple(_up(each, tensors) for each in tree[_TUPLE])
    return {key: _up(each, tensors) for key, each in tree[_PAIRS]}
