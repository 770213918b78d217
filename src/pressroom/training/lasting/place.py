"""Where a training is in its loops."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """The loop (the first, second ... of the run), its epoch, the loop within the epoch, and how many of its batches
    are done. Places are in the order in which a training passes them.
    """

    loop: int = 0
    epoch: int = 0
    part: int = 0
    batch: int = 0

    def at(self, batch: int) -> "Place":
        """The same loop, so many batches done."""
        return replace(self, batch=batch)

    def same_loop(self, other: "Place") -> bool:
        """Whether both are in one pass over the same rows."""
        return (self.loop, self.epoch, self.part) == (other.loop, other.epoch, other.part)
