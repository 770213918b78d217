"""Bodies of requests, whole or not at all."""

from typing import Any

from msgspec.structs import replace

from pressroom.doors.response import Response, problem

CUT_OFF = problem(400, "The body was cut off before its end.", "Send it again, whole.")
TOO_MANY = replace(
    problem(503, "Too many large bodies are on their way already.", "Try again later, or send less at once."),
    headers=(("retry-after", "1"),),
)

_LARGE_BYTES = 65_536


class LargeBodies:
    """How many large bodies are on their way. What a server holds of bodies has a bound, however many are slow."""

    def __init__(self, most: int) -> None:
        """Let `most` come at once."""
        self._left = most

    def take(self) -> bool:
        """Let one more come, if there is room for it."""
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def give_back(self) -> None:
        """One has come, or was given up."""
        self._left += 1


async def read_body(
    headers: Any, protocol: Any, most: int, too_large: Response, large: LargeBodies
) -> bytes | Response:
    """The body of a request, read no further than `most` bytes, or what to answer instead.

    A body whose length was told is taken in one; a part of one raises in the server and is answered here with 400. One

    """
    told = headers.get("content-length")
    size = int(told[:20]) if told is not None and told.isdigit() else None
    if size is not None and size <= min(most, _LARGE_BYTES):
        return await _read_one(protocol)
    if size is not None and size > most:
        return too_large
    if not large.take():
        return TOO_MANY
    try:
        if size is not None:
            return await _read_one(protocol)
        body = await _read_parts(protocol, most)
        return too_large if body is None else body
    finally:
        large.give_back()


async def _read_one(protocol: Any) -> bytes | Response:
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
