"""Code that nobody vouches for beyond its owner, run in a process of its own.

Rows go in as Arrow, numbers come back as bytes; nothing that comes back is ever unpickled. The process has no network
and sees no files but Python's (`fence`), a limit on memory, and a time for each answer. When it crashes or is late it
is killed, the request gets an error, and the next request starts another: nothing else is touched.
"""

import contextlib
import os
import selectors
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import IO

import numpy as np
import pyarrow as pa

from pressroom.models.errors import IsolatedFailure, NotIsolated
from pressroom.models.fence import bare_environment, build_fence
from pressroom.models.permits import Limits
from pressroom.models.signature import Column, Floats, Inputs, Signature, check_present, count_rows, width
from pressroom.models.vector_column import arrow_vectors
from pressroom.values import FieldType, to_document

CHILD = "pressroom.models.isolated_child"
HEAD = struct.Struct("<cQ")
"""Before each message: what it is, and its length in bytes."""
MOST_BYTES = 1 << 32


class IsolatedRunnable:
    """A model's code, ready in another process. Requests go one at a time."""

    def __init__(self, kind: str, files: Mapping[str, bytes], signature: Signature, limits: Limits) -> None:
        """Start it. Raises NotIsolated where this machine can't keep it apart, IsolatedFailure where it can't load."""
        fence = build_fence()
        if fence.lacks and not limits.half_fenced:
            raise NotIsolated(
                f"Code can't be kept from {' and '.join(fence.lacks)} on this machine.",
                next_step="Install bubblewrap (the command bwrap), or allow it: [models] half_fenced = true in "
                "pressroom.toml.",
            )
        self._command = [*fence.command, sys.executable, "-m", CHILD]
        self._first = [
            (b"l", str(limits.memory_bytes).encode()),
            (b"k", kind.encode()),
            (b"s", to_document(signature)),
            *((b"f", name.encode() + b"\0" + content) for name, content in files.items()),
            (b"g", b""),
        ]
        self._signature = signature
        self._limits = limits
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        with self._lock:
            self._start()

    def predict(self, inputs: Inputs) -> Floats:
        """The answer for each row. Raises IsolatedFailure when the code fails, is late, or takes too much."""
        check_present(self._signature, inputs)
        count = count_rows(inputs)
        asked = _table_bytes(self._signature, inputs)
        with self._lock:
            if self._process is None:
                self._start()
            answer = self._ask([(b"p", asked)], self._limits.request_s)
        shape = (count, width(self._signature)) if width(self._signature) else (count,)
        numbers = np.frombuffer(answer, dtype=np.float64) if len(answer) % 8 == 0 else np.empty(0)
        if numbers.size != int(np.prod(shape)):
            raise IsolatedFailure(
                f"The model's code gave {numbers.size} numbers for {count} rows.",
                next_step="It must give one number a row, or a vector of the length that its signature says.",
            )
        return numbers.reshape(shape).copy()

    def close(self) -> None:
        """Stop the process."""
        with self._lock:
            self._stop()

    def __del__(self) -> None:
        """Stop the process with whoever held it."""
        if getattr(self, "_process", None) is not None:
            self._stop()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=bare_environment(),
            cwd="/",
            start_new_session=True,
        )
        self._ask(self._first, self._limits.load_s)

    def _ask(self, messages: list[tuple[bytes, bytes]], within_s: float) -> bytes:
        process, until = self._process, time.monotonic() + within_s
        if process is None or process.stdin is None or process.stdout is None:
            raise IsolatedFailure("The model's process is not running.", next_step="Ask again.")
        try:
            for what, content in messages:
                _write(process.stdin, HEAD.pack(what, len(content)) + content, until)
            what, length = HEAD.unpack(_read(process.stdout, HEAD.size, until))
            if length > MOST_BYTES:
                raise EOFError
            content = _read(process.stdout, length, until)
        except (OSError, EOFError, TimeoutError) as error:
            self._stop()
            raise _failure(error, process.returncode, within_s) from error
        if what != b"a":
            raise IsolatedFailure(
                f"The model's code failed: {content.decode(errors='replace')[:500]}",
                next_step="Look at the rows it was asked, or at the code.",
            )
        return content

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()


def _failure(error: Exception, code: int | None, within_s: float) -> IsolatedFailure:
    if isinstance(error, TimeoutError):
        return IsolatedFailure(
            f"The model's code took longer than {within_s:g} s and was stopped.",
            next_step="Ask for fewer rows, or give it more time.",
        )
    return IsolatedFailure(
        f"The model's process died (exit {code}).", next_step="It crashed, or took more memory than it may."
    )


def _table_bytes(signature: Signature, inputs: Inputs) -> bytes:
    table = pa.table([_array(field.type, inputs[field.name]) for field in signature.inputs], names=[*signature.names()])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def _array(kind: FieldType, column: Column) -> "pa.Array[pa.Scalar]":
    if kind == "string":
        return pa.array(column.tolist(), type=pa.string())
    return arrow_vectors(column.astype(np.float64)) if kind == "vector" else pa.array(column, type=pa.float64())


def _wait(pipe: IO[bytes], event: int, until: float) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, event)
        if not selector.select(max(0.0, until - time.monotonic())):
            raise TimeoutError


def _write(pipe: IO[bytes], content: bytes, until: float) -> None:
    os.set_blocking(pipe.fileno(), False)
    left = memoryview(content)
    while left:
        _wait(pipe, selectors.EVENT_WRITE, until)
        left = left[os.write(pipe.fileno(), left) :]


def _read(pipe: IO[bytes], length: int, until: float) -> bytes:
    parts: list[bytes] = []
    while length:
        _wait(pipe, selectors.EVENT_READ, until)
        part = os.read(pipe.fileno(), min(length, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
