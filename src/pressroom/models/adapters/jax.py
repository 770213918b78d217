"""JAX: a jitted function of one matrix, kept as the StableHLO that `jax.export` writes.

That file is a program of array operations without Python in it. What could reach outside, a call by name into code of
the machine, is looked for and refused; the rest is compiled by XLA.
"""

import re
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from pressroom.models.errors import UnsafeModel, UnsupportedModel
from pressroom.models.framework import framework
from pressroom.models.model import Contributions, Runnable, Tier
from pressroom.models.outputs import not_explained, not_lowered, shaped
from pressroom.models.signature import Floats, Inputs, Signature, matrix
from pressroom.values import InvalidInput

_FILE = "model.stablehlo"
_CALLS = re.compile(r'custom_call\s*@"?([\w.$]+)|call_target_name\s*=\s*"([^"]*)"')
_HARMLESS = frozenset({"shape_assertion", "Sharding", "SPMDFullToShardShape", "SPMDShardToFullShape"})


class RunnableJax:
    """An exported program, compiled for each number of rows that it meets."""

    def __init__(self, program: Any, signature: Signature) -> None:
        """Take a checked program."""
        self._program = program
        self._signature = signature

    def predict(self, inputs: Inputs) -> Floats:
        """The answer for each row."""
        rows = matrix(self._signature, inputs).astype(np.float32)
        if len(rows) == 0:
            return shaped(np.empty((0, 1)), self._signature)
        return shaped(self._program.call(rows), self._signature)


class JaxAdapter:
    """Speaks functions under `jax.jit` that take a float32 matrix (rows, inputs), weights closed over."""

    kind = "jax"
    distributions = ("jax", "jaxlib", "numpy")
    tier: Tier = "safe"

    def owns(self, model: object) -> bool:
        """Whether it is a jitted function, or already exported."""
        return type(model).__module__.partition(".")[0] in ("jax", "jaxlib") and (
            callable(model) or type(model).__name__ == "Exported"
        )

    def original(self, model: object, signature: Signature, inputs: Inputs) -> Floats:
        """What the function answers."""
        known: Any = model
        ask = known.call if type(model).__name__ == "Exported" else known
        return shaped(ask(matrix(signature, inputs).astype(np.float32)), signature)

    def dump(self, model: object, signature: Signature) -> dict[str, bytes]:
        """The program for any number of rows. Raises UnsupportedModel with JAX's reason."""
        known: Any = model
        if type(model).__name__ != "Exported":
            export, jax = framework("jax.export"), framework("jax")
            # Without the places in source files: they change from one caller to the next, and the digest with them.
            limit = jax.config.jax_traceback_in_locations_limit
            jax.config.update("jax_traceback_in_locations_limit", 0)
            try:
                (rows,) = export.symbolic_shape("rows")
                shape = jax.ShapeDtypeStruct((rows, len(signature.columns())), np.float32)
                known = export.export(known, platforms=("cpu",))(shape)
            except Exception as error:
                reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
                raise UnsupportedModel(
                    f"jax.export does not take this function: {reason}",
                    next_step="Give a jitted function of one float32 matrix (rows, inputs), for any number of rows.",
                ) from error
            finally:
                jax.config.update("jax_traceback_in_locations_limit", limit)
        _check(known)
        return {_FILE: bytes(known.serialize())}

    def load(self, files: Mapping[str, bytes], signature: Signature) -> RunnableJax:
        """The program back; needs JAX."""
        if _FILE not in files:
            raise InvalidInput(f"The package has no {_FILE}.", next_step="Pack the model again.")
        export = framework("jax.export")
        try:
            program = export.deserialize(bytearray(files[_FILE]))
        except Exception as error:
            raise InvalidInput(f"{_FILE} is no exported program: {error}.", next_step="Pack it again.") from error
        _check(program)
        return RunnableJax(program, signature)

    def lower(self, model: object, signature: Signature) -> NoReturn:
        """There is no converter from StableHLO to ONNX here."""
        not_lowered("JAX programs have no way to ONNX without TensorFlow")

    def explain(self, runnable: Runnable, inputs: Inputs, background: Inputs, *, within_s: float) -> Contributions:
        """An exported program has no gradient in it."""
        not_explained("an exported program of JAX has no gradient in it")


def _check(program: Any) -> None:
    """One array in, one out, and no calls by name into code of the machine."""
    if len(program.in_avals) != 1 or len(program.out_avals) != 1:
        raise UnsupportedModel(
            f"This program takes {len(program.in_avals)} arrays and gives {len(program.out_avals)}.",
            next_step="Close over the weights, so that it takes one matrix and gives one array.",
        )
    calls = {first or second for first, second in _CALLS.findall(program.mlir_module())}
    if calls - _HARMLESS:
        raise UnsafeModel(
            f"This JAX program calls code of the machine by name: {', '.join(sorted(calls - _HARMLESS))}.",
            next_step="Write it with array operations only (no callbacks, no linear algebra by library).",
        )
