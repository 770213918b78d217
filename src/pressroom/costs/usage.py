"""What a piece of work used of a machine."""

from dataclasses import dataclass
from typing import TypeVar

GIB = 1 << 30
"""Bytes in a GiB, the unit of memory and storage prices."""

Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """CPU seconds over all cores, seconds on the wall, the highest memory, and bytes asked of and given to files.

    `memory_byte_s` is memory held times how long; `gpu_s` is GPUs held times how long. What nobody counted is None, and
    never 0. Adds with `+`: everything is summed but the peak, of which the higher one stays, and what nobody counted
    adds nothing. Wall seconds of work done side by side therefore add up to more than the clock showed.
    """

    cpu_s: float = 0.0
    wall_s: float = 0.0
    peak_bytes: int = 0
    read_bytes: int | None = None
    written_bytes: int | None = None
    memory_byte_s: float | None = None
    gpu_s: float = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        """The usage of both."""
        return Usage(
            cpu_s=self.cpu_s + other.cpu_s,
            wall_s=self.wall_s + other.wall_s,
            peak_bytes=max(self.peak_bytes, other.peak_bytes),
            read_bytes=_sum(self.read_bytes, other.read_bytes),
            written_bytes=_sum(self.written_bytes, other.written_bytes),
            memory_byte_s=_sum(self.memory_byte_s, other.memory_byte_s),
            gpu_s=self.gpu_s + other.gpu_s,
        )

    def less(self, before: "Usage") -> "Usage":
        """What was used since a meter showed `before`; the peak stays."""
        return Usage(
            cpu_s=self.cpu_s - before.cpu_s,
            wall_s=self.wall_s - before.wall_s,
            peak_bytes=self.peak_bytes,
            read_bytes=_less(self.read_bytes, before.read_bytes),
            written_bytes=_less(self.written_bytes, before.written_bytes),
            memory_byte_s=_less(self.memory_byte_s, before.memory_byte_s),
            gpu_s=self.gpu_s - before.gpu_s,
        )


def _sum(one: Number | None, other: Number | None) -> Number | None:
    """Of two figures, what is known."""
    return other if one is None else one if other is None else one + other


def _less(one: Number | None, other: Number | None) -> Number | None:
    return one if one is None or other is None else one - other
