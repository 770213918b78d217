"""Reading inference requests: usual ones by types that are made for their endpoint, all others plainly."""

from collections.abc import Sequence

from pressroom.doors.inference.oip import LENGTH, InferHead, check_outputs, read_columns, read_infer
from pressroom.doors.inference.typed_infer import TypedInfer
from pressroom.doors.inference.wire import Incoming
from pressroom.serving import Columns, Endpoint, OneRow, Usual

_SMALL = 2_048
"""Bodies of fewer bytes are read as one row, or else plainly: for a few rows, a look at each value costs less than a
block.
"""

Read = tuple[InferHead, Sequence[tuple[str, bool]], Columns | OneRow]
"""What a request says, which outputs it wants (and whether in binary), and what it gives."""


class InferReader:
    """Reads the requests of one endpoint."""

    def __init__(self, endpoint: Endpoint, *, most_rows: int) -> None:
        """Requests have `most_rows` rows at most."""
        self._endpoint = endpoint
        self._most_rows = most_rows
        self._fields = {field.name: field for field in endpoint.row_fields()}
        self._usual = Usual(self._fields)
        self._typed = TypedInfer(self._fields, self._usual, most_rows=most_rows)

    def read(self, incoming: Incoming) -> Read:
        """A request, checked field by field. Raises MalformedBody, BadRequest."""
        body = incoming.body
        if incoming.headers.get(LENGTH) is None:
            found = self._typed.read_one(body) if len(body) < _SMALL else self._typed.read(body)
            if found is not None:
                asked, given = found
                return asked, check_outputs(self._endpoint, asked), given
        infer, rest = read_infer(incoming)
        wanted = check_outputs(self._endpoint, infer)
        return infer, wanted, read_columns(self._fields, self._usual, infer, rest, most_rows=self._most_rows)
