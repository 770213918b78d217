"""Packages: a model and its promises as one immutable manifest. The files themselves are blobs."""

from dataclasses import dataclass

from pressroom.models.signature import Signature
from pressroom.values import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """How well the form that serves repeats the trained model on the golden rows."""

    rows: int
    max_abs_diff: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a model was made from, and what came along: policy's labels and the allowed purposes (empty: any)."""

    parents: tuple[Digest, ...] = ()
    labels: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The manifest. Its document's digest is the model's identity, so nothing that varies between two packings is here.

    `files` and `golden` are digests of blobs; `environment` holds the versions that the answers may depend on.
    """

    name: str
    kind: str
    signature: Signature
    files: dict[str, Digest]
    golden: Digest
    environment: dict[str, str]
    parity: Parity
    size_bytes: int
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What packing measured on this machine: microseconds of one core for one row, alone and in a batch of 100."""

    us_per_row_alone: float
    us_per_row_of_100: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A package under its digest, with what was measured beside it."""

    package: Package
    digest: Digest
    measured: Measured
