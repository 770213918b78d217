"""Access to the control server: whoever appends, or looks at what was set aside, needs a token for it."""

from collections.abc import Collection, Mapping

from msgspec.structs import replace

from pressroom.doors.access import CHALLENGE, let_in
from pressroom.doors.response import Response, problem
from pressroom.workspace import Role

_OPEN = ("/health/live", "/health/ready")
"""What anybody may ask, for those who watch over processes bring no token."""

_APPENDERS: Collection[Role] = frozenset({"append"})


class Access:
    """Lets requests through. Tokens are known by their hashes alone."""

    def __init__(self, tokens: Mapping[str, Role] | None) -> None:
        """Know these tokens, by their SHA-256; None lets everybody through."""
        self.tokens = tokens

    def refusal(self, path: str, authorization: str | None) -> Response | None:
        """What to answer to a request that may not come in, before its body is read; None where it may."""
        if self.tokens is None or path in _OPEN:
            return None
        found = let_in(authorization, self.tokens, _APPENDERS)
        if found is None:
            return None
        refused = problem(found.status, found.message, found.next_step)
        return replace(refused, headers=(CHALLENGE,)) if found.status == 401 else refused
