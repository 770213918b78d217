"""The random state of a process: Python's, numpy's, and PyTorch's where it is loaded."""

import random
import sys
from typing import Any

import numpy as np

_TORCH = "torch"


def seed_all(seed: int) -> None:
    """Start every generator of this process at `seed`."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    if _TORCH in sys.modules:
        sys.modules[_TORCH].manual_seed(seed)


def random_state() -> dict[str, Any]:
    """Where the generators are."""
    found = {"python": random.getstate(), "numpy": np.random.get_state(legacy=True)}
    if _TORCH in sys.modules:
        found[_TORCH] = sys.modules[_TORCH].get_rng_state()
    return found


def set_random_state(state: dict[str, Any]) -> None:
    """Put them back."""
    random.setstate(state["python"])
    np.random.set_state(state["numpy"])
    if _TORCH in state and _TORCH in sys.modules:
        sys.modules[_TORCH].set_rng_state(state[_TORCH])
