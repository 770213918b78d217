"""The limit of the work itself: one endpoint's inference requests answered by hand, on the same HTTP server.

It does what has to be done (the body decoded and checked, the logistic regression, an id for each row, the answer, a
log of every column that is on disk 50 ms later) and knows one model, one shape of request and no errors. Run with a
port and a folder for the log.
"""

import asyncio
import os
import sys
import threading
from pathlib import Path
from typing import Any, Union

import msgspec
import numpy as np
import pyarrow as pa
from granian.constants import HTTPModes, Interfaces
from granian.server.mp import MPServer

FIELDS = 10
_WEIGHTS = np.linspace(-0.5, 0.5, FIELDS)
_FLUSH_S = 0.05
_JSON = [("content-type", "application/json")]
_BINARY = "inference-header-content-length"


class Text(msgspec.Struct, tag_field="name", tag="payment"):
    """The key."""

    shape: list[int]
    datatype: str
    data: list[str] | None = None


def _number(place: int) -> type[msgspec.Struct]:
    fields = [("shape", list[int]), ("datatype", str), ("data", list[float] | None, None)]
    return msgspec.defstruct("Number", fields, tag_field="name", tag=f"x{place}")


_Input = Union[(Text, *map(_number, range(FIELDS)))]


class Body(msgspec.Struct):
    """A request whose inputs come in their order, the key first."""

    inputs: list[_Input]


class ByHand:
    """Answers inference requests for one model."""

    def __init__(self, folder: Path) -> None:
        """Write the log into `folder`."""
        self._folder = folder
        self._decode = msgspec.json.Decoder(Body).decode
        self._encode = msgspec.json.Encoder().encode
        self._waiting: list[tuple[list[str], Any, Any]] = []
        self._next = 0

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the writer."""
        self._file = os.open(self._folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        threading.Thread(target=self._write, daemon=True).start()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """One request."""
        if scope.method == "GET":
            protocol.response_bytes(200, _JSON, b"{}")
            return
        body = await protocol()
        told = scope.headers.get(_BINARY)
        keys, numbers = self._binary(body, int(told)) if told else self._columns(self._decode(body))
        count = len(keys)
        assert np.isfinite(numbers).all()
        predictions = 1.0 / (1.0 + np.exp(-(_WEIGHTS @ numbers)))
        self._waiting.append((keys, numbers, predictions))
        output: dict[str, Any] = {"name": "charged_back", "datatype": "FP64", "shape": [count]}
        said = {"model_name": "linear", "model_version": "1", "outputs": [output]}
        if not told:
            output["data"] = predictions.tolist()
            protocol.response_bytes(200, _JSON, self._encode(said))
            return
        output["parameters"] = {"binary_data_size": 8 * count}
        head = self._encode(said)
        protocol.response_bytes(200, [(_BINARY, str(len(head)))], head + predictions.tobytes())

    def _columns(self, asked: Body) -> tuple[list[str], Any]:
        key, *numbers = asked.inputs
        return key.data, np.array([each.data for each in numbers])

    def _binary(self, body: bytes, head: int) -> tuple[list[str], Any]:
        asked = self._decode(body[:head])
        count = asked.inputs[0].shape[0]
        numbers = np.frombuffer(body[-8 * FIELDS * count :]).reshape(FIELDS, count)
        letters = body[head : -8 * FIELDS * count].decode()
        step = len(letters) // count
        return [letters[at : at + step - 4] for at in range(4, len(letters), step)], numbers

    def _write(self) -> None:
        while True:
            threading.Event().wait(_FLUSH_S)
            taken, self._waiting = self._waiting, []
            if not taken:
                continue
            numbers = np.concatenate([each for _, each, _ in taken], axis=1)
            count = numbers.shape[1]
            ids = np.arange(self._next, self._next + count)
            self._next += count
            columns = {f"x{place}": numbers[place] for place in range(FIELDS)}
            columns |= {"payment": [key for keys, _, _ in taken for key in keys], "prediction_id": ids}
            columns |= {"prediction": np.concatenate([each for _, _, each in taken])}
            table = pa.table(columns)
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table)
            os.write(self._file, sink.getvalue())
            os.fdatasync(self._file)


if __name__ == "__main__":
    MPServer(
        target="by hand",
        port=int(sys.argv[1]),
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    ).serve(target_loader=lambda *_: ByHand(Path(sys.argv[2])), wrap_loader=False)
