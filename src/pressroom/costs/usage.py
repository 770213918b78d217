"""What a piece of work used of a machine."""

from dataclasses import dataclass

GIB = 1 << 30
"""Bytes in a GiB, the unit of memory and storage prices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """CPU seconds over all cores, seconds on the wall, the highest memory, and bytes asked of and given to files.

    `memory_byte_s` is memory held times how long, 0 where only the peak is known; `gpu_s` is GPUs held times how long.
    Adds with `+`: everything is summed but the peak, of which the higher one stays. Wall seconds of work done side by
    side therefore add up to more than the clock showed.
    """

    cpu_s: float = 0.0
    wall_s: float = 0.0
    peak_bytes: int = 0
    read_bytes: int = 0
    written_bytes: int = 0
    memory_byte_s: float = 0.0
    gpu_s: float = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        """The usage of both."""
        return Usage(
            cpu_s=self.cpu_s + other.cpu_s,
            wall_s=self.wall_s + other.wall_s,
            peak_bytes=max(self.peak_bytes, other.peak_bytes),
            read_bytes=self.read_bytes + other.read_bytes,
            written_bytes=self.written_bytes + other.written_bytes,
            memory_byte_s=self.memory_byte_s + other.memory_byte_s,
            gpu_s=self.gpu_s + other.gpu_s,
        )
