"""Answers over HTTP, as all servers of the house give them."""

import msgspec

JSON = "application/json"
_encoder = msgspec.json.Encoder()


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """A status, a body, and headers besides the content type.

    A struct, as all that is made anew for each request: one costs a seventh of a frozen dataclass.
    """

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = JSON

    def all_headers(self) -> list[tuple[str, str]]:
        """The headers, the content type first."""
        return [("content-type", self.content_type), *self.headers]


def document(value: object, *, status: int = 200) -> Response:
    """Any value as a JSON response."""
    return Response(status=status, body=_encoder.encode(value))


def problem(status: int, message: str, next_step: str, **more: object) -> Response:
    """A refusal: what is wrong, what to do about it, and what else is known."""
    return document({"error": {"message": message, "next_step": next_step, **more}}, status=status)
