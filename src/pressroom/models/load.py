"""Loading: from a digest to a model that answers, every byte checked on the way."""

from dataclasses import dataclass

import numpy as np

from pressroom.models.find_adapter import adapter_of_kind
from pressroom.models.golden import read_golden
from pressroom.models.model import Runnable
from pressroom.models.package import Package
from pressroom.models.signature import Floats, Inputs
from pressroom.ports import Blobs
from pressroom.values import Digest, from_document


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """A package and the form of it that serves."""

    digest: Digest
    package: Package
    runnable: Runnable


def read_package(digest: Digest, blobs: Blobs) -> Package:
    """The manifest alone. Raises NotFound, Damaged."""
    return from_document(blobs.get(digest), Package)


def load(digest: Digest, blobs: Blobs) -> LoadedModel:
    """The model of a package. Raises NotFound, UnknownKind, FrameworkMissing, Damaged (not what was packed)."""
    package = read_package(digest, blobs)
    adapter = adapter_of_kind(package.kind)
    files = {name: blobs.get(file) for name, file in package.files.items()}
    return LoadedModel(digest=digest, package=package, runnable=adapter.load(files, package.signature))


def golden_rows(package: Package, blobs: Blobs) -> tuple[Inputs, Floats]:
    """The golden inputs and what the model answered on them when it was packed."""
    return read_golden(package.signature, blobs.get(package.golden))


def verify_golden(loaded: LoadedModel, blobs: Blobs) -> float:
    """How far the loaded model is from its own golden answers: the largest absolute difference, NaN if it gives NaN."""
    inputs, expected = golden_rows(loaded.package, blobs)
    return float(np.abs(loaded.runnable.predict(inputs) - expected).max())
