"""How objects of each framework give their state away as plain values and arrays, and take it back. Nothing is imported
before an object of it is seen.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pressroom.models import framework
from pressroom.training.run.errors import BadState


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """How one kind of object gives its state away as plain values, and takes it back."""

    holds: Callable[[Any], bool]
    take: Callable[[Any], Any]
    put: Callable[[Any, Any, str], Any]


def _of(module: str, name: str) -> Callable[[Any], bool]:
    """Whether an object is of a class `name` of a framework, or of one made from it; imports nothing."""
    return lambda value: any(
        kind.__name__ == name and kind.__module__.partition(".")[0] == module for kind in type(value).__mro__
    )


def _filled(there: Any, path: str, what: str) -> Any:
    if there is None:
        raise BadState(f"{path} is to be filled and is not there.", next_step=f"Make {what} before it is put back.")
    return there


def _put_tensor(there: Any, made: Any, path: str) -> Any:
    torch = framework("torch")
    tensor = torch.from_numpy(np.asarray(made["bytes"])).view(getattr(torch, made["type"])).reshape(made["shape"])
    return tensor if there is None else tensor.to(there.device)


def _put_state_dict(there: Any, made: Any, path: str) -> Any:
    try:
        _filled(there, path, "it").load_state_dict(made)
    except (RuntimeError, ValueError, KeyError) as error:
        raise BadState(f"{path} does not fit its checkpoint: {error}.", next_step="Make it as it was made.") from error
    return there


def _take_booster(booster: Any) -> Any:
    try:
        return bytes(booster.save_raw("ubj"))
    except ValueError:
        # Before its first round it has nothing to say, and says so by an error.
        return b""


def _put_booster(there: Any, made: Any, path: str) -> Any:
    booster = _filled(there, path, "the booster")
    if made:
        booster.load_model(bytearray(made))
    return booster


def _put_trees(there: Any, made: Any, path: str) -> Any:
    _filled(there, path, "the booster").model_from_string(made)
    return there


def _put_estimator(there: Any, made: Any, path: str) -> Any:
    skops = framework("skops.io")
    vars(_filled(there, path, "the estimator")).update(vars(skops.loads(made)))
    return there


def _plain_variable(variable: Any) -> Any:
    """The numbers of a Keras variable; Keras' own way makes numpy warn where it runs on PyTorch."""
    value = variable.value
    return np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)


def _take_keras(model: Any) -> Any:
    optimizer = getattr(model, "optimizer", None)
    variables = [] if optimizer is None else optimizer.variables
    return {
        "weights": [_plain_variable(each) for each in model.weights],
        "optimizer": [_plain_variable(each) for each in variables],
    }


def _put_keras(there: Any, made: Any, path: str) -> Any:
    _filled(there, path, "the model").set_weights(made["weights"])
    optimizer = getattr(there, "optimizer", None)
    if optimizer is not None and made["optimizer"]:
        if not optimizer.built:
            optimizer.build(there.trainable_variables)
        for variable, value in zip(optimizer.variables, made["optimizer"], strict=True):
            variable.assign(value)
    return there


def _put_generator(there: Any, made: Any, path: str) -> Any:
    generator = there if there is not None else np.random.Generator(getattr(np.random, made["bit_generator"])())
    generator.bit_generator.state = made
    return generator


def _put_random(there: Any, made: Any, path: str) -> Any:
    generator = there if there is not None else random.Random()
    generator.setstate(made)
    return generator


def _take_tensor(tensor: Any) -> Any:
    """Its bytes as they are, of whatever type: numpy has no bfloat16."""
    flat = tensor.detach().cpu().contiguous().reshape(-1).view(framework("torch").uint8)
    return {"type": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape), "bytes": flat.numpy()}


KEEPERS = {
    "torch.Tensor": Keeper(holds=_of("torch", "Tensor"), take=_take_tensor, put=_put_tensor),
    "xgboost": Keeper(holds=_of("xgboost", "Booster"), take=_take_booster, put=_put_booster),
    "lightgbm": Keeper(
        holds=_of("lightgbm", "Booster"), take=lambda booster: booster.model_to_string(num_iteration=-1), put=_put_trees
    ),
    "keras": Keeper(holds=_of("keras", "Model"), take=_take_keras, put=_put_keras),
    "jax": Keeper(
        holds=lambda value: (
            type(value).__module__.partition(".")[0] in ("jax", "jaxlib") and hasattr(value, "__array__")
        ),
        take=np.asarray,
        put=lambda there, made, path: framework("jax.numpy").asarray(made),
    ),
    "numpy.Generator": Keeper(
        holds=lambda value: isinstance(value, np.random.Generator),
        take=lambda generator: generator.bit_generator.state,
        put=_put_generator,
    ),
    "random.Random": Keeper(
        holds=lambda value: isinstance(value, random.Random), take=lambda value: value.getstate(), put=_put_random
    ),
    "sklearn": Keeper(
        holds=_of("sklearn", "BaseEstimator"), take=lambda value: framework("skops.io").dumps(value), put=_put_estimator
    ),
    # Last: whoever has both verbs, as modules, optimizers and schedulers of PyTorch have.
    "state_dict": Keeper(
        holds=lambda value: hasattr(value, "state_dict") and hasattr(value, "load_state_dict"),
        take=lambda value: dict(value.state_dict()),
        put=_put_state_dict,
    ),
}
