"""Rules: what data with a certain label may be used for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Data labelled `label` may be used for these purposes and no others."""

    label: str
    purposes: tuple[str, ...]
