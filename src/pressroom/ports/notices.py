"""Notices: words for a person who should know, wherever that person looks."""

from dataclasses import dataclass
from typing import Protocol

from pressroom.values import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What happened `at`, in words, for an `owner`. Two notices of one `id` are one notice told twice."""

    id: str
    at: Instant
    owner: str
    subject: str
    text: str


class Notices(Protocol):
    """A way to tell: a file, a web hook, a list in a test."""

    def send(self, notice: Notice) -> None:
        """Tell it; when this returns, whoever is asked has taken it. Telling it again does no harm.

        Raises BackendError when it could not be told; the caller tries again later.
        """
        ...
