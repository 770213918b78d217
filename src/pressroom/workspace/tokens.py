"""API tokens: secrets that let machines ask a workspace's servers. Only their hashes are kept."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Literal, get_args

from pressroom.ports import Clock, Records, VersionConflict
from pressroom.values import Conflict, Instant, InvalidInput, NotFound, check_name, from_document, to_document

_KIND = "token"
Role = Literal["ask", "append", "watch", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""ask: predictions and what there is; append: facts in; watch: metrics; admin: everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as it is kept: its name, what it may do, its hash, since when, and whether it still holds."""

    name: str
    role: Role
    sha256: str
    created: Instant
    revoked: Instant | None = None


class Tokens:
    """The tokens of one workspace."""

    def __init__(self, records: Records, clock: Clock) -> None:
        """Keep them in these records."""
        self._records = records
        self._clock = clock

    def create(self, name: str, role: str) -> str:
        """A new token: the secret itself, which is told this once. Raises Conflict where the name is taken."""
        check_name(name, what="a token")
        if role not in ROLES:
            raise InvalidInput(f"{role!r} is no role.", next_step=f"Choose of {', '.join(ROLES)}.")
        secret = f"pr_{secrets.token_urlsafe(32)}"
        token = Token(name=name, role=ROLES[ROLES.index(role)], sha256=_hash(secret), created=self._clock.now())
        try:
            self._records.put(_KIND, name, to_document(token), seen=0)
        except VersionConflict as error:
            raise Conflict(f"There is a token {name!r} already.", next_step="Choose another name.") from error
        return secret

    def revoke(self, name: str) -> Token:
        """End a token; servers notice within a second. Raises NotFound."""
        record = self._records.get(_KIND, name)
        if record is None:
            there = ", ".join(token.name for token in self.all()) or "none"
            raise NotFound(f"There is no token {name!r}.", next_step=f"There are: {there}.")
        old = from_document(record.document, Token)
        token = Token(
            name=old.name,
            role=old.role,
            sha256=old.sha256,
            created=old.created,
            revoked=old.revoked or self._clock.now(),
        )
        self._records.put(_KIND, name, to_document(token), seen=record.version)
        return token

    def all(self) -> list[Token]:
        """Every token there ever was, by name."""
        return [from_document(record.document, Token) for record in self._records.query(_KIND, prefix="")]

    def roles(self) -> dict[str, Role]:
        """What each token that holds may do, by its hash."""
        return {token.sha256: token.role for token in self.all() if token.revoked is None}


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
