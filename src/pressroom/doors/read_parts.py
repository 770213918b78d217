"""Bodies that come in parts."""

from collections.abc import AsyncIterable


async def read_parts(parts: AsyncIterable[bytes], most: int) -> bytes | None:
    """The parts as one, read no further than the limit; None once they are more than `most` bytes."""
    found: list[bytes] = []
    size = 0
    async for part in parts:
        size += len(part)
        if size > most:
            return None
        found.append(bytes(part))
    return b"".join(found)
