"""Bodies of requests, whole or not at all."""

from typing import Any

from pressroom.doors.response import Response, problem

CUT_OFF = problem(400, "The body was cut off before its end.", "Send it again, whole.")


async def read_body(scope: Any, protocol: Any, most: int, too_large: Response) -> bytes | Response:
    """The body of a request, read no further than `most` bytes, or what to answer instead.

    A body whose length was told is taken in one; a part of one raises in the server and is answered here with 400.
    """
    told = scope.headers.get("content-length")
    if told is None or not told.isdigit():
        body = await _read_parts(protocol, most)
        return too_large if body is None else body
    if int(told[:20]) > most:
        return too_large
    try:
        return await protocol()
    except RuntimeError:
        return CUT_OFF


async def _read_parts(protocol: Any, most: int) -> bytes | Response | None:
    """The parts as one; None once they are more than `most` bytes."""
    found: list[bytes] = []
    size = empty = 0
    async for part in protocol:
        size += len(part)
        if size > most:
            return None
        if part:
            found.append(bytes(part))
        else:
            empty += 1
    # granian says the end of a body by one empty part, and an error on the way (the other side is gone) by another
    # one before it: it raises nothing. Rows of a body that was cut off between two rows would be taken for all.
    return CUT_OFF if empty > 1 else b"".join(found)
