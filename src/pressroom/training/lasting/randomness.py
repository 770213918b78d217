"""Random state: what Python, numpy and, where they are loaded, other libraries draw from without being handed it."""

import random
import sys
from typing import Any

import numpy as np


def seed_all(seed: int) -> None:
    """Start all of them from one number."""
    random.seed(seed)
    # Libraries draw from numpy's global state too; it is that which has to be taken along.
    np.random.seed(seed % (1 << 32))
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)


def random_state() -> dict[str, Any]:
    """Their states, as plain data and arrays."""
    state: dict[str, Any] = {"python": random.getstate(), "numpy": np.random.get_state(legacy=False)}
    torch = sys.modules.get("torch")
    if torch is not None:
        state["torch"] = torch.get_rng_state().numpy()
        if torch.cuda.is_available():
            state["cuda"] = [each.numpy() for each in torch.cuda.get_rng_state_all()]
    return state


def set_random_state(state: dict[str, Any]) -> None:
    """Go on drawing from there. What is not loaded here and was there is left alone."""
    random.setstate(state["python"])
    np.random.set_state(state["numpy"])
    torch = sys.modules.get("torch")
    if torch is not None and "torch" in state:
        torch.set_rng_state(torch.from_numpy(state["torch"].copy()))
        if "cuda" in state and torch.cuda.is_available():
            torch.cuda.set_rng_state_all([torch.from_numpy(each.copy()) for each in state["cuda"]])


def draw_apart(words: list[int]) -> None:
    """Let torch go on from a seed made of these numbers; nothing where it is not loaded."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(int(np.random.SeedSequence(words).generate_state(1, np.uint64)[0] >> 1))
