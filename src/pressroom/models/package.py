"""Packages: a model and its promises as one immutable manifest. The files themselves are blobs."""

from dataclasses import dataclass
from typing import Literal

from pressroom.models.model import Runnable, Tier
from pressroom.models.signature import Signature
from pressroom.values import Digest

Form = Literal["linear", "onnx", "native"]
"""What serves: our linear form, one onnxruntime session, or the framework's own runtime."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A golden row, and how the trained model and the form that serves answered it (of a vector: where they differ)."""

    row: int
    trained: float
    served: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """The certificate: how well the form that serves repeats the trained model on the golden rows.

    An answer may differ by `tolerance` times its size, and by `tolerance` where it is below 1. `moved` are the rows
    that differ most, if any does. `edge_rows` are golden rows with one input put on the edge of a split or made null,
    which were compared besides.
    """

    rows: int
    max_abs_diff: float
    max_rel_diff: float = 0.0
    tolerance: float = 1e-6
    moved: tuple[Moved, ...] = ()
    edge_rows: int = 0
    edge_max_abs_diff: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a model was made from, and what came along: policy's labels and the allowed purposes (empty: any)."""

    parents: tuple[Digest, ...] = ()
    labels: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The manifest. Its document's digest is the model's identity, so nothing that varies between two packings is here.

    `files` and `golden` are digests of blobs; `environment` holds the versions that the answers may depend on. `form`
    is what serves, `why` the reason for it; `tier` is that of the framework's own file. `space` names what an output's
    numbers mean where that has an identity of its own (embeddings): only equal ones may be compared or concatenated.
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
    form: Form = "native"
    why: str = ""
    tier: Tier = "safe"
    space: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What packing measured on this machine: microseconds of one core for one row, alone and in a batch of 100."""

    us_per_row_alone: float
    us_per_row_of_100: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A package under its digest, with what was measured beside it, and the form that serves, ready."""

    package: Package
    digest: Digest
    measured: Measured
    runnable: Runnable
