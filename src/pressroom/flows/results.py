"""Results: what steps made, by their keys, for every run of the workspace to use again."""

import math
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pressroom.flows.encoded import Form, decode, is_small
from pressroom.flows.key import Key, closeness, difference
from pressroom.ports import Blobs, Records, VersionConflict
from pressroom.values import Digest, Instant, digest_bytes, from_document, to_document

_RESULT = "step_result"
_SEEN = "step_keys"
_WAIT_S = 0.05
_SHORT_S = 0.05
"""What took longer is written at once, what was shorter with others; all of it as soon as somebody builds on it. So
much work a kill can lose, and no more.
"""
_KEPT = 20
"""Newest keys of a step, to explain a miss with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a step made: its bytes' digest and form, in which run, when, and how long that took.

    A few bytes are kept here, as `content`; more of them under their digest among the blobs.
    """

    digest: Digest
    form: Form
    content: bytes | None
    run: str
    made: Instant
    wall_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A result, or None; and why, in words."""

    result: Result | None
    reason: str


class Results:
    """Looks results up and keeps them. Several processes may do so at once: equal keys have equal results."""

    def __init__(self, *, records: Records, blobs: Blobs) -> None:
        """Keep which result belongs to which key in `records`, and the bytes in `blobs`."""
        self._records = records
        self._blobs = blobs
        self._unsaid: dict[str, list[Key]] = {}
        self._unwritten: dict[Digest, Result] = {}
        self._since = 0.0
        self._older: dict[str, Sequence[Key]] = {}

    def look(self, key: Key, *, cache: bool) -> Looked:
        """The result of a key, if there is one that may be used."""
        if not cache:
            return Looked(result=None, reason="the step says cache=False")
        if key.unknown:
            return Looked(result=None, reason="; ".join(key.unknown))
        result = self._kept(key.digest())
        if result is None:
            return Looked(result=None, reason=self._why_new(key))
        if result.content is None and not self._blobs.exists(result.digest):
            return Looked(result=None, reason="its result was deleted")
        return Looked(result=result, reason=f"same code, arguments and environment as in {result.run}")

    def made(self, content: bytes, form: Form, *, run: str, made: Instant, wall_s: float) -> Result:
        """A result, its bytes kept."""
        small = is_small(form, content)
        digest = digest_bytes(content) if small else self._blobs.put(content)
        kept = content if small else None
        return Result(digest=digest, form=form, content=kept, run=run, made=made, wall_s=wall_s)

    def content(self, result: Result) -> bytes:
        """The bytes. Raises NotFound, Damaged."""
        return self._blobs.get(result.digest) if result.content is None else result.content

    def value(self, result: Result, annotation: Any, folder: Path) -> Any:
        """The value that the bytes are; a file is put into `folder`."""
        content = self.content(result)
        file = folder / result.digest
        if result.form == "file" and not file.exists():
            file.write_bytes(content)
        return decode(result.form, content, annotation=annotation, file=file)

    def remember(self, key: Key, result: Result) -> None:
        """Remember a result for its key. Of a key without a digest, nothing is remembered."""
        if key.unknown:
            return
        if not self._unwritten:
            self._since = time.monotonic()
        self._unwritten[key.digest()] = result
        self._unsaid[key.step] = [*self._unsaid.get(key.step, ()), key][-_KEPT:]
        self.write(now=result.wall_s > _SHORT_S)

    def write(self, *, now: bool = False) -> None:
        """Write down what was remembered, if it has waited long enough or is to be written `now`. Raises NoSpace."""
        if self._unwritten and (now or self.due_s() <= 0.0):
            written = dict(self._unwritten)
            self._records.put_many(_RESULT, {digest: to_document(each) for digest, each in written.items()})
            for digest, each in written.items():
                if self._unwritten.get(digest) is each:
                    del self._unwritten[digest]

    def press(self) -> None:
        """Somebody builds on what was remembered: it is due."""
        self._since = -math.inf

    def due_s(self) -> float:
        """In how many seconds there will be something to write down."""
        return self._since + _WAIT_S - time.monotonic() if self._unwritten else math.inf

    def close(self) -> None:
        """Write down what was remembered, and which keys were seen, so that later misses can be explained."""
        self.write(now=True)
        for step, keys in self._unsaid.items():
            self._write(step, keys)
        self._unsaid.clear()
        self._older.clear()

    def _kept(self, digest: Digest) -> Result | None:
        if digest in self._unwritten:
            return self._unwritten[digest]
        record = self._records.get(_RESULT, digest)
        return None if record is None else from_document(record.document, Result)

    def _write(self, step: str, keys: Sequence[Key]) -> None:
        while True:
            record = self._records.get(_SEEN, step)
            older = [each for each in self._keys(step) if each not in keys]
            with suppress(VersionConflict):
                document = to_document([*older, *keys][-_KEPT:])
                self._records.put(_SEEN, step, document, seen=record.version if record else 0)
                return

    def _keys(self, step: str) -> Sequence[Key]:
        record = self._records.get(_SEEN, step)
        return from_document(record.document, list[Key]) if record else []

    def _why_new(self, key: Key) -> str:
        if key.step not in self._older:
            self._older[key.step] = self._keys(key.step)
        older = [*self._older[key.step], *self._unsaid.get(key.step, ())]
        if not older:
            return "it never ran to its end"
        # Of equally close ones the newest: it is what its reader remembers.
        nearest = max(reversed(older), key=lambda each: closeness(key, each))
        return difference(key, nearest) or "its result was forgotten"
