"""Findings: what is wrong with a flow, where, and what to do."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Weight = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An error will stop a run, or leak something; a warning costs something. `of` is the step, flow or parameter."""

    weight: Weight
    file: str
    line: int
    of: str
    words: str
    next_step: str

    def told(self) -> str:
        """The finding as a line."""
        return f"{Path(self.file).name}:{self.line}: {self.weight}: {self.of}: {self.words} {self.next_step}"


def by_place(finding: Finding) -> tuple[str, int, str]:
    """Findings in the order of their lines, errors first on each."""
    return (finding.file, finding.line, finding.weight)
