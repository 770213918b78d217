"""Loops that go on in their middle: over epochs, over batches of rows, over numbered steps."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pressroom.training.errors import BadTraining
from pressroom.training.lasting.place import Place
from pressroom.training.lasting.rows import Places, RowsByPlace
from pressroom.training.lasting.share import WHOLE, Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One pass: how many batches, how each is made, and in words what it goes over, which must not change. Where it is
    over rows, `places` are those of this worker, and `weight` says which part of the batch they are.
    """

    count: int
    make: Callable[[int], Any]
    words: str
    places: Callable[[int], Places] | None = None
    weight: Callable[[int], float] | None = None


class Loops:
    """Follows the loops of a run. `reached` is called when they are where a checkpoint was."""

    def __init__(self, reached: Callable[[], None]) -> None:
        """At the start."""
        self.place = Place()
        self.epoch = 0
        self.open = False
        self.batch: Any = None
        self.skipped: set[Place] = set()
        self.rows: dict[str, str] = {}
        self.waited_s = 0.0
        self._wanted: Place | None = None
        self._reached = reached
        self._begun = 0
        self._outer: int | None = None
        self._parts = 0
        self._pass: Pass | None = None

    def go_to(self, place: Place) -> None:
        """Go on there: what lies before it is passed over, and a loop that is beyond it turns back."""
        self._wanted = place

    def done(self) -> Place:
        """The place after the batch that is being worked on."""
        return self.place.at(self.place.batch + 1) if self.open else self.place

    def rows_of_batch(self) -> list[int]:
        """Which rows the batch that is being worked on is made of, where that is known."""
        if self._pass is None or self._pass.places is None or not self.open:
            return []
        return [int(place) for place in self._pass.places(self.place.batch)]

    def weight(self) -> float | None:
        """Which part of the batch that is being worked on is this worker's, where that is known."""
        one = self._pass
        return None if one is None or one.weight is None or not self.open else one.weight(self.place.batch)

    def epochs(self, count: int) -> Iterator[int]:
        """Epochs 0, 1 ... with passes over rows in each."""
        self._outer = loop = self._next_loop()
        for epoch in self._epochs(loop, count):
            self._parts = 0
            yield epoch
        self._outer = None

    def passes(self, count: int, made: Callable[[Place], Pass]) -> Iterator[Any]:
        """The batches of `count` epochs in a loop of its own; within `epochs`, those of the epoch that is on."""
        if self._outer is not None:
            place = Place(loop=self._outer, epoch=self.epoch, part=self._parts)
            self._parts += 1
            yield from self._one(place, made)
            return
        loop = self._next_loop()
        for epoch in self._epochs(loop, count):
            yield from self._one(Place(loop=loop, epoch=epoch), made)

    def _next_loop(self) -> int:
        self._begun += 1
        return self._begun - 1

    def _epochs(self, loop: int, count: int) -> Iterator[int]:
        epoch = 0
        while epoch < count:
            wanted = self._wanted
            if wanted is not None and wanted.loop > loop:
                return
            if wanted is not None:
                self._refuse_earlier(wanted, loop)
                epoch = wanted.epoch
            self.epoch = epoch
            yield epoch
            if self._wanted is None:
                epoch += 1
            elif self._wanted is wanted:
                raise BadTraining(
                    "The loops of this training are not those of its checkpoint.",
                    next_step="Run the code that wrote it, or train from the start in another folder.",
                )

    def _refuse_earlier(self, wanted: Place, loop: int) -> None:
        if wanted.loop < loop:
            raise BadTraining(
                "The last good checkpoint lies in a loop that is over.",
                next_step="Run it again: it goes on from there.",
            )

    def _one(self, place: Place, made: Callable[[Place], Pass]) -> Iterator[Any]:
        number = 0
        if self._wanted is not None and not place.same_loop(self._wanted):
            if place < self._wanted:
                return
            raise BadTraining(
                "The loops of this training are not those of its checkpoint.",
                next_step="Run the code that wrote it, or train from the start in another folder.",
            )
        one = self._pass = made(place)
        self._check_rows(f"{place.loop}.{place.part}", one.words)
        if self._wanted is not None:
            number = self._arrive()
        while number < one.count:
            self.place = place.at(number)
            if self.place in self.skipped:
                number += 1
                continue
            asked = time.perf_counter()
            self.batch, self.open = one.make(number), True
            self.waited_s = time.perf_counter() - asked
            yield self.batch
            self.open = False
            if self._wanted is not None:
                if not place.same_loop(self._wanted):
                    return
                number = self._arrive()
                continue
            number += 1
        self.batch, self.place = None, place.at(one.count)

    def _arrive(self) -> int:
        """Be where the checkpoint was."""
        number = 0 if self._wanted is None else self._wanted.batch
        self._wanted = None
        self._reached()
        return number

    def _check_rows(self, which: str, words: str) -> None:
        before = self.rows.setdefault(which, words)
        if before != words:
            raise BadTraining(
                f"This training went over {before}, and now goes over {words}.",
                next_step="Give it the same rows and sizes, or train from the start in another folder.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How rows are read: `size` at a time, in an order that only `seed` and the place in the loops decide; `whole`
    leaves out a last batch that is short. Of each batch, `part` is this worker's.
    """

    size: int
    seed: int
    shuffle: bool = True
    whole: bool = False
    part: Part = WHOLE


def pass_over(rows: RowsByPlace, place: Place, reading: Reading) -> Pass:
    """A pass over rows."""
    count, size = rows.count(), reading.size
    draw = np.random.default_rng([reading.seed, place.loop, place.epoch, place.part])
    order = rows.order(draw) if reading.shuffle else np.arange(count)

    def places(number: int) -> Places:
        return reading.part.rows(order[number * size : (number + 1) * size])

    return Pass(
        count=count // size if reading.whole else -(-count // size),
        make=lambda number: rows.take(places(number)),
        words=f"{count} rows by {size}, {'shuffled' if reading.shuffle else 'in order'}",
        places=places,
        weight=lambda number: reading.part.weight(min(size, count - number * size)),
    )
