"""Access to the prediction server: which roles may ask which kinds of questions."""

from collections.abc import Collection, Mapping

from msgspec.structs import replace

from pressroom.doors.access import CHALLENGE, let_in
from pressroom.doors.inference.paths import Kind, Place
from pressroom.doors.inference.wire import Headers, refusal
from pressroom.doors.response import Response
from pressroom.workspace import Role

_OPEN: frozenset[Kind] = frozenset({"live", "ready"})
"""What anybody may ask, for those who watch over processes bring no token."""

_WATCHING: frozenset[Kind] = frozenset({"metrics"})
_WATCHERS: Collection[Role] = frozenset({"watch"})
_ASKERS: Collection[Role] = frozenset({"ask"})


class Access:
    """Lets requests through. Tokens are known by their hashes alone."""

    def __init__(self, tokens: Mapping[str, Role] | None) -> None:
        """Know these tokens, by their SHA-256; None lets everybody through."""
        self.tokens = tokens

    def refusal(self, place: Place, headers: Headers) -> Response | None:
        """What to answer to a request that may not come in; None where it may."""
        if self.tokens is None or place.kind in _OPEN:
            return None
        allowed = _WATCHERS if place.kind in _WATCHING else _ASKERS
        found = let_in(headers.get("authorization"), self.tokens, allowed)
        if found is None:
            return None
        refused = refusal(found.status, found.message, found.next_step, is_oip=place.is_oip)
        return replace(refused, headers=(CHALLENGE,)) if found.status == 401 else refused
