"""The formula: which part of what was counted, and of what was asked, goes on the bill. It belongs to a price book.

Meters count, and do not know it: a new formula prices what was counted before it was thought of.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, get_args

from pressroom.costs.errors import InvalidPriceBook
from pressroom.costs.usage import GIB, Usage
from pressroom.tiers import NOTHING, Share

Basis = Literal["larger", "used", "asked"]
BASES: tuple[Basis, ...] = get_args(Basis)


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """Quantities on a bill."""

    cpu_s: float
    gib_s: float
    gpu_s: float
    written_gib: float
    read_gib: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """Of cores, memory and GPUs each: what was `used`, what was `asked` for as long as it took, or the `larger`."""

    cpu: Basis = "larger"
    memory: Basis = "larger"
    gpu: Basis = "larger"

    def billed(self, usage: Usage, asked: Share = NOTHING) -> Billed:
        """The quantities. Memory of which only the peak is known counts as if held all the time: never too low."""
        held = usage.memory_byte_s or usage.peak_bytes * usage.wall_s
        return Billed(
            cpu_s=_of(self.cpu, usage.cpu_s, asked.cpu * usage.wall_s),
            gib_s=_of(self.memory, held, asked.memory_bytes * usage.wall_s) / GIB,
            gpu_s=_of(self.gpu, usage.gpu_s, asked.gpu * usage.wall_s),
            written_gib=(usage.written_bytes or 0) / GIB,
            read_gib=(usage.read_bytes or 0) / GIB,
        )


def read_formula(table: object) -> Formula:
    """The table [formula] of a price book. Raises InvalidPriceBook."""
    known = [field.name for field in fields(Formula)]
    if not isinstance(table, Mapping):
        raise InvalidPriceBook("formula is no table.", next_step="Write [formula], and below it cpu, memory or gpu.")
    given: dict[str, Basis] = {}
    for name, told in table.items():
        basis: Basis | None = next((each for each in BASES if each == told), None)
        if name not in known or basis is None:
            raise InvalidPriceBook(
                f"formula.{name} is {told!r}.", next_step=f"Of {', '.join(known)} say one of {', '.join(BASES)}."
            )
        given[name] = basis
    return Formula(**given)


def _of(basis: Basis, used: float, asked: float) -> float:
    return {"used": used, "asked": asked, "larger": max(used, asked)}[basis]
