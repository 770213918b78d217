"""The one place where a framework is imported: by name, when it is needed, with a sentence when it is missing."""

import os
from importlib import import_module
from types import ModuleType

from pressroom.models.errors import FrameworkMissing


def framework(module: str) -> ModuleType:
    """The module `sklearn.linear_model`, `lightgbm` ...; raises FrameworkMissing, naming the extra to install."""
    # Waiting threads of OpenMP would spin: on a machine with other work that makes a fit many times slower. The
    # libraries read this once, when they are loaded; whoever set it already is obeyed.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    extra = module.partition(".")[0]
    try:
        return import_module(module)
    except ImportError as error:
        raise FrameworkMissing(
            f"This needs {extra}, which is not installed here ({error}).",
            next_step=f"Run: pip install 'pressroom[{extra}]'.",
        ) from error
