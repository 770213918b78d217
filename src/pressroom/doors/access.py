"""Access: who may ask what, by the token that a request brings. Tokens are known by their hashes alone."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pressroom.workspace import Role

_SCHEME = "Bearer "
_EVERYTHING: Role = "admin"
CHALLENGE = ("www-authenticate", "Bearer")
"""The header that goes with 401."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotLetIn:
    """Why a request may not come in: 401 where nobody is known by its token, 403 where somebody is, who may not."""

    status: int
    message: str
    next_step: str


def let_in(authorization: str | None, tokens: Mapping[str, Role], allowed: Collection[Role]) -> NotLetIn | None:
    """What stands against a request with this header, where these roles may ask; None where nothing does.

    `tokens` are roles by the tokens' SHA-256. The role admin may ask everything.
    """
    told = authorization or ""
    if not told.startswith(_SCHEME):
        return NotLetIn(status=401, message="A token is needed.", next_step="Send it as `Authorization: Bearer TOKEN`.")
    # The whole hash is looked up: nothing can be learnt from how long that takes.
    role = tokens.get(hashlib.sha256(told[len(_SCHEME) :].encode()).hexdigest())
    if role is None:
        return NotLetIn(
            status=401, message="This token is not known, or was revoked.", next_step="Ask for another one."
        )
    if role == _EVERYTHING or role in allowed:
        return None
    return NotLetIn(
        status=403,
        message=f"A token with the role {role} may not ask this.",
        next_step="Ask for a token of another role.",
    )
