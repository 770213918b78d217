"""Entries of the catalog, and pointers to them."""

from dataclasses import dataclass
from typing import Literal

from pressroom.values import Digest, Instant

Kind = Literal["fact", "fact_table", "view", "training_set", "model", "endpoint", "experiment", "prediction"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Points at an entry: what it is, how it is called, and exactly which."""

    kind: Kind
    name: str
    digest: Digest

    def key(self) -> str:
        """Under which it is kept."""
        return f"{self.kind}/{self.name}/{self.digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that was made. `summary` is a handful of words and figures about it, for people; `document` is the
    digest of a blob with all of it (empty: none). `parents` are what it was made from.
    """

    kind: Kind
    name: str
    digest: Digest
    version: str
    created: Instant
    owner: str = ""
    doc: str = ""
    document: Digest = ""
    labels: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    parents: tuple[Reference, ...] = ()
    summary: tuple[tuple[str, str], ...] = ()
    pins: tuple[str, ...] = ()
    """The models that it asks for, as it asks for them: `ctr`, `ctr@^2`, `ctr@production`."""

    def reference(self) -> Reference:
        """A pointer to this entry."""
        return Reference(kind=self.kind, name=self.name, digest=self.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """Which entry of a name is in use, and which were before it, the newest first."""

    digest: Digest
    before: tuple[Digest, ...] = ()
