"""Access: who may ask what, by the token that a request brings."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from pressroom.doors.inference.paths import Kind, Place
from pressroom.doors.inference.wire import Headers, refusal
from pressroom.doors.response import Response
from pressroom.workspace import Role

_OPEN: frozenset[Kind] = frozenset({"live", "ready"})
"""What anybody may ask, for those who watch over processes bring no token."""

_WATCHING: frozenset[Kind] = frozenset({"metrics"})
_SCHEME = "Bearer "


class Access:
    """Lets requests through. Tokens are known by their hashes alone."""

    def __init__(self, tokens: Mapping[str, Role] | None) -> None:
        """Know these tokens, by their SHA-256; None lets everybody through."""
        self.tokens = tokens

    def refusal(self, place: Place, headers: Headers) -> Response | None:
        """What to answer to a request that may not come in; None where it may."""
        kind, is_oip = place.kind, place.is_oip
        if self.tokens is None or kind in _OPEN:
            return None
        told = headers.get("authorization") or ""
        if not told.startswith(_SCHEME):
            return _unknown("A token is needed.", "Send it as `Authorization: Bearer TOKEN`.", is_oip=is_oip)
        # The whole hash is looked up: nothing can be learnt from how long that takes.
        role = self.tokens.get(hashlib.sha256(told[len(_SCHEME) :].encode()).hexdigest())
        if role is None:
            return _unknown("This token is not known, or was revoked.", "Ask for another one.", is_oip=is_oip)
        if role == "admin" or (role == "watch") == (kind in _WATCHING):
            return None
        return refusal(
            403, f"A token with the role {role} may not ask this.", "Ask for a token of another role.", is_oip=is_oip
        )


def _unknown(message: str, next_step: str, *, is_oip: bool) -> Response:
    refused = refusal(401, message, next_step, is_oip=is_oip)
    return replace(refused, headers=(("www-authenticate", "Bearer"),))
