"""Plain Python: a function of columns, or a fitted thing with `predict`, or with `transform`. Kept as code, by value.

The file is a pickle made by cloudpickle with the source modules inside. Opening it runs it: it is loaded in an isolated
process only, after its owner signed for it.
"""

import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, NoReturn

import numpy as np

from pressroom.models.errors import UnsupportedModel
from pressroom.models.framework import framework
from pressroom.models.model import Contributions, Runnable, Tier
from pressroom.models.outputs import not_explained, not_lowered, shaped
from pressroom.models.signature import Floats, Inputs, Signature, count_rows
from pressroom.values import InvalidInput

_FILE = "model.pickle"


class RunnablePython:
    """The function or object, asked with columns by name: a dict of arrays, as `Inputs` are."""

    def __init__(self, model: Any, signature: Signature) -> None:
        """Take it as it is."""
        self._ask = _asked(model)
        self._signature = signature

    def predict(self, inputs: Inputs) -> Floats:
        """What it gives for each row."""
        return _answers(self._ask, self._signature, inputs)


class PythonAdapter:
    """Speaks what nobody else does: a callable, or an object with `predict` or `transform`, of columns by name."""

    kind = "python"
    distributions = ("cloudpickle", "numpy")
    tier: Tier = "code"

    def owns(self, model: object) -> bool:
        """Whether it can be asked."""
        return callable(model) or hasattr(model, "predict") or hasattr(model, "transform")

    def original(self, model: object, signature: Signature, inputs: Inputs) -> Floats:
        """What it gives in this process."""
        return _answers(_asked(model), signature, inputs)

    def dump(self, model: object, signature: Signature) -> dict[str, bytes]:
        """One pickle, with the code of the module that it comes from unless that is installed."""
        cloudpickle = framework("cloudpickle")
        module = sys.modules.get(getattr(model, "__module__", "") or type(model).__module__)
        travels = module is not None and not _installed(module)
        if travels:
            cloudpickle.register_pickle_by_value(module)
        try:
            return {_FILE: bytes(cloudpickle.dumps(model))}
        except Exception as error:
            raise UnsupportedModel(
                f"This {type(model).__name__} can't be kept: {error}.",
                next_step="Leave out open files, locks and connections.",
            ) from error
        finally:
            if travels:
                cloudpickle.unregister_pickle_by_value(module)

    def load(self, files: Mapping[str, bytes], signature: Signature) -> Runnable:
        """Run the pickle. Called in an isolated process only (`models.load` sees to that)."""
        if _FILE not in files:
            raise InvalidInput(f"The package has no {_FILE}.", next_step="Pack the model again.")
        return RunnablePython(framework("cloudpickle").loads(files[_FILE]), signature)

    def lower(self, model: object, signature: Signature) -> NoReturn:
        """Code is no data."""
        not_lowered("plain Python is code, which nothing else can run")

    def explain(self, runnable: Runnable, inputs: Inputs, background: Inputs, *, within_s: float) -> Contributions:
        """Nobody sees into code."""
        not_explained("nobody sees into plain Python")


def _asked(model: Any) -> Callable[[Inputs], Any]:
    for verb in ("predict", "transform"):
        if hasattr(model, verb):
            return getattr(model, verb)
    if not callable(model):
        raise InvalidInput("This is no function.", next_step="Give a function of a dict of columns.")
    return model


def _answers(ask: Callable[[Inputs], Any], signature: Signature, inputs: Inputs) -> Floats:
    named = {name: inputs[name] for name in signature.names()}
    found = shaped(ask(named), signature)
    if len(np.atleast_1d(found)) != count_rows(inputs):
        raise InvalidInput(
            f"It gave {np.shape(found)} for {count_rows(inputs)} rows.", next_step="Give one number a row."
        )
    return found


def _installed(module: ModuleType) -> bool:
    path = getattr(module, "__file__", None)
    return path is None or "site-packages" in path or path.startswith(sys.base_prefix)
