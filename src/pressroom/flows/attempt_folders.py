"""Folders of attempts: what an attempt finds in its own, and what it leaves there."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pressroom.flows.attempt_meter import Metered, metered_in
from pressroom.flows.calls import Call
from pressroom.flows.encoded import is_small
from pressroom.flows.runner import OUTCOME, RESULT, SPEC, Outcome, Spec
from pressroom.ports import left_in, log_of
from pressroom.values import Digest, InvalidInput, from_document, to_document

LASTING = "lasting"
"""The folder, beside that of runs, for what attempts leave to the next one of the same key."""


class AttemptFolders:
    """The folders of one run's attempts."""

    def __init__(self, *, run: str, file: str, folder: Path, kept: Callable[[Digest], bytes]) -> None:
        """They lie in `folder`, that of the run of a flow in `file`; `kept` gives bytes that other steps made."""
        self._run, self._file, self._folder, self._kept = run, file, folder, kept

    def of(self, call: Call) -> Path:
        """The folder of a call's attempt that is due."""
        return self._folder / call.attempt()

    def claim(self, call: Call) -> None:
        """What attempts of the same key have left is wanted: nobody sweeps it away from here on."""
        with suppress(OSError):
            os.utime(self._lasting_of(call))

    def fill(self, call: Call) -> tuple[Spec, Path]:
        """The attempt's folder, made and filled."""
        folder = self.of(call)
        folder.mkdir(exist_ok=True)
        inputs: dict[str, str] = {}
        small: dict[str, bytes] = {}
        for leaf in (leaf for shape in call.shapes.values() for leaf in shape.leaves()):
            content = call.inline_bytes.get(leaf.digest)
            if content is not None and is_small(leaf.form, content):
                small[leaf.digest] = content
            else:
                inputs[leaf.digest] = self._file_of(leaf.digest, content)
        spec = Spec(
            file=self._file,
            module=call.step.function.__module__,
            step=call.step.name,
            arguments=call.shapes,
            inputs=inputs,
            small=small,
            lasting=str(self._lasting_of(call)),
            most_memory_bytes=call.step.options.most_memory_bytes or 0,
        )
        (folder / SPEC).write_bytes(to_document(spec))
        return spec, folder

    def outcome(self, attempt: str) -> Outcome | None:
        """What an attempt said came of it, if it came so far."""
        with suppress(FileNotFoundError, InvalidInput):
            return from_document(left_in(self._folder / attempt, OUTCOME), Outcome)
        return None

    def metered(self, attempt: str, outcome: Outcome | None) -> Metered:
        """What an attempt's own meter counted: told with its outcome, or until it was killed."""
        told = outcome.metered if outcome is not None else None
        return told or metered_in(self._folder / attempt)

    def made(self, attempt: str, outcome: Outcome) -> bytes | None:
        """The bytes that an attempt made; None where they are not there."""
        with suppress(FileNotFoundError):
            return left_in(self._folder / attempt, RESULT) if outcome.content is None else outcome.content
        return None

    def log(self, attempt: str) -> str:
        """What an attempt printed."""
        return log_of(str(self._folder / attempt), 0).decode(errors="backslashreplace")

    def clear(self, call: Call) -> None:
        """The result is kept: the file that held it, and what led there, are needed no more."""
        (self.of(call) / RESULT).unlink(missing_ok=True)
        shutil.rmtree(self._lasting_of(call), ignore_errors=True)

    def _lasting_of(self, call: Call) -> Path:
        return self._folder.parent.parent / LASTING / call.lasting(self._run)

    def _file_of(self, digest: Digest, content: bytes | None) -> str:
        """Where an input's bytes lie: once in the run's folder, however many steps need them."""
        file = self._folder / f"in-{digest}"
        if not file.exists():
            file.write_bytes(self._kept(digest) if content is None else content)
        return str(file)


def lasting_in_use(run: Path) -> set[str]:
    """The names of the folders that the attempts of a run have to leave something in for others."""
    found: set[str] = set()
    for file in run.glob(f"*/{SPEC}"):
        with suppress(OSError, InvalidInput):
            found.add(Path(from_document(file.read_bytes(), Spec).lasting).name)
    return found
