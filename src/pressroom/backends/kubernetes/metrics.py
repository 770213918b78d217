"""What a cluster's metrics API says of pods: cores as a rate and bytes, in Kubernetes' quantities; pure."""

from collections.abc import Sequence
from typing import Any

Document = dict[str, Any]
_PARTS = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
_POWERS = {f"{unit}i": 1024.0 ** (place + 1) for place, unit in enumerate("KMGTPE")}


def used_in(pods: Sequence[Document]) -> tuple[float, int] | None:
    """Cores and bytes that pods use together; None where nothing was measured yet, or what is said can't be read."""
    told = [each.get("usage") or {} for pod in pods for each in pod.get("containers") or []]
    try:
        measured = [(quantity(each["cpu"]), quantity(each["memory"])) for each in told]
    except (KeyError, ValueError):
        return None
    return (sum(cores for cores, _ in measured), round(sum(size for _, size in measured))) if measured else None


def quantity(text: str) -> float:
    """A quantity such as 250m, 1.5, 12Ki or 3e2. Raises ValueError."""
    for unit, factor in (*_POWERS.items(), *((unit, factor) for unit, factor in _PARTS.items() if unit)):
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    return float(text)
