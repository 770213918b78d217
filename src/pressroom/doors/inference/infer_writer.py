"""Writing answers to inference requests: what the usual ones of an endpoint have in common is encoded once."""

from collections.abc import Sequence

import msgspec

from pressroom.doors.inference import oip
from pressroom.doors.response import Response
from pressroom.serving import Endpoint, Piece

_encode = msgspec.json.Encoder().encode


class InferWriter:
    """Writes the answers of one endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Encode what all answers say."""
        self._usual = [(endpoint.output.name, False)]
        output = {"name": endpoint.output.name, "datatype": "FP64"}
        said = {"model_name": endpoint.name, "model_version": str(endpoint.version), "outputs": [output]}
        self._head = _encode(said).removesuffix(b"}]}") + b',"shape":['

    def answer(self, piece: Piece, asked: oip.InferHead, wanted: Sequence[tuple[str, bool]]) -> Response:
        """The answer to a request: of the usual one, as `oip.answer` says it."""
        answers = piece.answers
        if asked.id or answers.fallbacks or wanted != self._usual:
            return oip.answer(piece, asked, wanted)
        predictions = _encode(answers.predictions[piece.start : piece.stop])
        body = b'%b%d],"data":%b}]}' % (self._head, piece.stop - piece.start, predictions)
        return Response(status=200, body=body)
