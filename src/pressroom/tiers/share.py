"""Shares of a machine: cores, bytes of memory and GPUs, asked for, held, or left."""

from dataclasses import dataclass

_SLACK = 1e-9
"""Cores and GPUs are fractions that were added and taken away many times: so much is rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Part of a machine, or all of one. Adds, and is compared part by part."""

    cpu: float = 0.0
    memory_bytes: int = 0
    gpu: float = 0.0

    def __add__(self, other: "Share") -> "Share":
        """Both together."""
        return Share(
            cpu=self.cpu + other.cpu, memory_bytes=self.memory_bytes + other.memory_bytes, gpu=self.gpu + other.gpu
        )

    def __sub__(self, other: "Share") -> "Share":
        """What is left; parts may be below 0."""
        return Share(
            cpu=self.cpu - other.cpu, memory_bytes=self.memory_bytes - other.memory_bytes, gpu=self.gpu - other.gpu
        )

    def fits(self, within: "Share") -> bool:
        """Whether every part of it is there."""
        return (
            self.cpu <= within.cpu + _SLACK
            and self.memory_bytes <= within.memory_bytes
            and self.gpu <= within.gpu + _SLACK
        )

    def smaller(self, other: "Share") -> "Share":
        """Part by part the smaller one."""
        return Share(
            cpu=min(self.cpu, other.cpu),
            memory_bytes=min(self.memory_bytes, other.memory_bytes),
            gpu=min(self.gpu, other.gpu),
        )

    def least(self, other: "Share") -> "Share":
        """Part by part the smaller one, and never below 0."""
        return Share(
            cpu=max(0.0, min(self.cpu, other.cpu)),
            memory_bytes=max(0, min(self.memory_bytes, other.memory_bytes)),
            gpu=max(0.0, min(self.gpu, other.gpu)),
        )

    def part_of(self, whole: "Share") -> float:
        """Its largest part of `whole`: the dominant share. Of what `whole` has none, nothing counts."""
        return max(
            self.cpu / whole.cpu if whole.cpu else 0.0,
            self.memory_bytes / whole.memory_bytes if whole.memory_bytes else 0.0,
            self.gpu / whole.gpu if whole.gpu else 0.0,
        )

    def times(self, factor: float) -> "Share":
        """So much of it; whole bytes."""
        return Share(cpu=self.cpu * factor, memory_bytes=int(self.memory_bytes * factor), gpu=self.gpu * factor)

    def words(self) -> str:
        """The share as a phrase."""
        parts = [f"{self.cpu:g} cores"]
        if self.memory_bytes:
            parts.append(f"{self.memory_bytes / 1e9:.2g} GB")
        if self.gpu:
            parts.append(f"{self.gpu:g} GPUs")
        return ", ".join(parts)


NOTHING = Share()
