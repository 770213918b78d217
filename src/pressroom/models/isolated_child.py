"""The other side of `isolated`: loads a model's code and answers, until its input ends.

Started as a program. Limits are set before the code is loaded; what it prints goes nowhere.
"""

import os
import resource
import sys
from typing import IO

import numpy as np
import pyarrow as pa

from pressroom.models.find_adapter import adapter_of_kind
from pressroom.models.isolated import HEAD
from pressroom.models.model import Runnable
from pressroom.models.signature import Column, Inputs, Signature
from pressroom.models.vector_column import from_arrow_vectors
from pressroom.values import from_document

_OPEN_FILES = 256


def main() -> None:
    """Answer messages from standard input on what was standard output."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    given: dict[bytes, bytes] = {}
    files: dict[str, bytes] = {}
    runnable: Runnable | None = None
    while (message := _next(sys.stdin.buffer)) is not None:
        what, content = message
        if what == b"l":
            _limit(int(content))
        elif what == b"f":
            name, _, data = content.partition(b"\0")
            files[name.decode()] = data
        elif what in (b"k", b"s"):
            given[what] = content
        else:
            try:
                if runnable is None:
                    signature = from_document(given[b"s"], Signature)
                    runnable = adapter_of_kind(given[b"k"].decode()).load(files, signature)
                    answer = b""
                else:
                    answer = np.ascontiguousarray(runnable.predict(_inputs(content)), dtype="<f8").tobytes()
            except BaseException as error:  # noqa: BLE001  (whatever the model's code raises is its caller's to know)
                _send(answers, b"e", f"{type(error).__name__}: {error}".encode())
            else:
                _send(answers, b"a", answer)


def _limit(memory_bytes: int) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _inputs(content: bytes) -> Inputs:
    with pa.ipc.open_stream(content) as stream:
        table = stream.read_all()
    columns: dict[str, Column] = {}
    for name in table.column_names:
        column = table.column(name)
        if pa.types.is_string(column.type):
            columns[name] = np.array(column.to_pylist(), dtype=np.object_)
        elif pa.types.is_fixed_size_list(column.type):
            columns[name] = from_arrow_vectors(column)
        else:
            columns[name] = column.to_numpy()
    return columns


def _next(source: IO[bytes]) -> tuple[bytes, bytes] | None:
    head = source.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    what, length = HEAD.unpack(head)
    return what, source.read(length)


def _send(answers: IO[bytes], what: bytes, content: bytes) -> None:
    left = memoryview(HEAD.pack(what, len(content)) + content)
    while left:
        left = left[answers.write(left) or 0 :]


if __name__ == "__main__":
    main()
