"""The work of a crew: the user's training, by its file and name, with its arguments, called in every worker."""

import importlib
import inspect
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast, get_type_hints

from pressroom.flows import AttemptPlace, Encoded, decode, encode, find_in, load_module, placed, telling_to, work_in
from pressroom.models import join_fellows
from pressroom.ports import Asked, Seat
from pressroom.training.errors import BadTraining
from pressroom.training.lasting.together import Together, together_with
from pressroom.training.spread.came import Came, came_of, error_of
from pressroom.values import Document, from_document, to_document


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadWork:
    """What is sent to every worker. `place` is that of the step's attempt which the training is part of, `folder` where
    whoever asked for it works, `words` how this crew came together.
    """

    file: str
    module: str
    name: str
    given: tuple[Encoded, ...]
    place: AttemptPlace | None
    folder: str
    words: str = ""

    def __call__(self, seat: Seat, asked: Asked) -> Document:
        """Join the others, train, and say how it went."""
        reached = 0
        try:
            os.chdir(self.folder)
            fellows = join_fellows(seat.meet, seat.place, seat.of)
            together = Together(fellows, asked=asked, words=f", {_many(seat.of)}{self.words}")
            try:
                with self._at(together):
                    came = self._train(first=seat.place == 0)
            finally:
                reached = together.ticks
                fellows.leave()
        except Exception as error:  # noqa: BLE001  (whatever the training raises is how it went)
            return to_document(came_of(error, reached))
        return to_document(replace(came, ticks=reached))

    def _at(self, together: Together) -> ExitStack:
        stack = ExitStack()
        stack.enter_context(together_with(together))
        stack.enter_context(placed(self.place))
        if self.place is not None and together.first:
            work_in(self.place.journal.parent)
            stack.enter_context(telling_to(self.place.journal.parent))
        return stack

    def _train(self, *, first: bool) -> Came:
        train = _found(self)
        hints = _hints(train, len(self.given))
        given = [decode(each.form, each.content, annotation=hint) for each, hint in zip(self.given, hints, strict=True)]
        answer = train(*given)
        if not first:
            return Came(kind="done", ticks=0)
        kept = encode(answer, what=f"What {self.name} returned", annotation=_hint(train, "return"))
        return Came(kind="done", ticks=0, form=kept.form, content=kept.content)


def work_of(train: Callable[..., Any], given: tuple[Any, ...], place: AttemptPlace | None) -> SpreadWork:
    """The work that calls `train(*given)`. Raises BadTraining for what no other process could find or be given."""
    name, file = getattr(train, "__qualname__", ""), inspect.getsourcefile(train) if inspect.isfunction(train) else None
    if not name or "<" in name or "." in name or file is None or not Path(file).is_file():
        raise BadTraining(
            f"{name or train!r} can't be called in another process.",
            next_step="Define it with `def` at the top of a file, and give it what it needs.",
        )
    try:
        inspect.signature(train).bind(*given)
    except TypeError as error:
        raise BadTraining(f"{name}: {error}.", next_step=f"It takes {inspect.signature(train)}.") from error
    hints = _hints(train, len(given))
    return SpreadWork(
        file=str(Path(file).resolve()),
        module=train.__module__,
        name=name,
        given=tuple(
            encode(each, what=f"An argument of {name}", annotation=hint)
            for each, hint in zip(given, hints, strict=True)
        ),
        place=place,
        folder=str(Path.cwd()),
    )


def came_from(answer: Document) -> Came:
    """What a worker said."""
    return from_document(answer, Came)


def answer_of(came: Came, train: Callable[..., Any]) -> Any:
    """What the training returned. Raises what it raised."""
    if came.kind != "done":
        raise error_of(came)
    return decode(cast(Any, came.form), came.content, annotation=_hint(train, "return"))


def _found(work: SpreadWork) -> Callable[..., Any]:
    # A file of a package is imported as such; any other is run by its path, as a script that was started would be.
    try:
        module = importlib.import_module(work.module if "." in work.module else "")
    except (ModuleNotFoundError, ValueError):
        module = load_module(Path(work.file))
    return cast("Callable[..., Any]", find_in(module, work.name))


def _hints(train: Callable[..., Any], count: int) -> list[Any]:
    """Of the first `count` arguments; what comes after the named ones is of any kind."""
    named = [_hint(train, name) for name in inspect.signature(train).parameters]
    return [*named, *[Any] * count][:count]


def _hint(train: Callable[..., Any], name: str) -> Any:
    try:
        return get_type_hints(train).get(name, Any)
    except (NameError, TypeError):
        return Any


def _many(workers: int) -> str:
    return "1 worker" if workers == 1 else f"{workers} workers"
