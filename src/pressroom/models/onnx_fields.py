"""The fields of an ONNX file, read from its bytes as they lie (protobuf's wire format): nothing is copied or made.

Parsing a file of 100 MB into messages takes 50 to 200 ms in which no other thread gets its turn. Whoever wants to know
a few fields skips the numbers by their lengths. Lists that are written number by number, as the nodes of trees are, are
passed over by a regular expression, and other threads go on after each piece.
"""

import re
import time
from collections.abc import Iterator

from pressroom.values import InvalidInput

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
_PIECE_BYTES = 64 * 1024
_LONGEST_TEXT = 64

Span = tuple[int, int]
"""Where bytes begin and end."""

Field = tuple[int, int, int, int]
"""Its number, its wire type, and where its value begins and ends."""


def fields(content: bytes, span: Span, lists: re.Pattern[bytes] | None = None) -> Iterator[Field]:
    """The fields of the message in `span`, in order, but for those that `lists` passes over. Raises InvalidInput for
    bytes that are no message, and for groups, which ONNX does not have.
    """
    at, end = span
    while at < end:
        if lists is not None and (past := _passed(lists, content, at, end)) > at:
            at = past
            continue
        tag, at = varint(content, at, end)
        number, kind = tag >> 3, tag & 7
        if kind == VARINT:
            stop = varint(content, at, end)[1]
        elif kind == LENGTH:
            size, at = varint(content, at, end)
            stop = at + size
        elif kind in (FIXED32, FIXED64):
            stop = at + (4 if kind == FIXED32 else 8)
        else:
            raise _no_model()
        if number == 0 or tag >> 32 or stop > end:
            raise _no_model()
        yield number, kind, at, stop
        at = stop


def varint(content: bytes, at: int, end: int) -> tuple[int, int]:
    """A number of 7 bits a byte, the lowest first, and where it ends."""
    value = shift = 0
    while at < end and shift < 70:
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise _no_model()


def text(content: bytes, span: Span) -> str:
    """The text in `span`."""
    try:
        return content[span[0] : span[1]].decode()
    except UnicodeDecodeError as error:
        raise _no_model() from error


def passing_over(*, floats: int, ints: int, texts: int) -> re.Pattern[bytes]:
    """Passes over fields of these numbers (below 16): floats, varints, and texts that are short."""
    lengths = b"|".join(re.escape(bytes([size])) + b".{%d}" % size for size in range(_LONGEST_TEXT + 1))
    a_float = re.escape(bytes([floats << 3 | FIXED32])) + b".{4}"
    an_int = re.escape(bytes([ints << 3 | VARINT])) + rb"[\x80-\xff]{0,9}+[\x00-\x7f]"
    a_text = re.escape(bytes([texts << 3 | LENGTH])) + b"(?:" + lengths + b")"
    return re.compile(b"(?:" + b"|".join([a_float, an_int, a_text]) + b")*+", re.DOTALL)


def _passed(lists: re.Pattern[bytes], content: bytes, at: int, end: int) -> int:
    found = lists.match(content, at, min(end, at + _PIECE_BYTES))
    past = found.end() if found is not None else at
    if past - at > _PIECE_BYTES // 2:
        time.sleep(0)  # whoever waits for the interpreter has it now
    return past


def _no_model() -> InvalidInput:
    return InvalidInput("These bytes are no ONNX model.", next_step="Pack the model again.")
