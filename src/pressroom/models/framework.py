"""The one place where a framework is imported: by name, when it is needed, with a sentence when it is missing."""

import os
from importlib import import_module
from types import ModuleType

from pressroom.models.errors import FrameworkMissing

_EXTRA_OF = {
    "cloudpickle": "python",
    "h5py": "keras",
    "jaxlib": "jax",
    "onnxmltools": "onnx",
    "onnxruntime": "onnx",
    "safetensors": "torch",
    "skl2onnx": "onnx",
    "tf2onnx": "tensorflow",
}
"""Libraries that come with an extra of another name."""


def framework(module: str) -> ModuleType:
    """The module `sklearn.linear_model`, `lightgbm` ...; raises FrameworkMissing, naming the extra to install."""
    # Waiting threads of OpenMP would spin: on a machine with other work that makes a fit many times slower. The
    # libraries read this once, when they are loaded; whoever set it already is obeyed.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    library = module.partition(".")[0]
    try:
        return import_module(module)
    except ImportError as error:
        raise FrameworkMissing(
            f"This needs {library}, which is not installed here ({error}).",
            next_step=f"Run: pip install 'pressroom[{_EXTRA_OF.get(library, library)}]'.",
        ) from error
