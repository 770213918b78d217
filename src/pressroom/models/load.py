"""Loading: from a digest to a model that answers, every byte checked on the way, and no code run that nobody trusts."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pressroom.models.errors import NotTrusted
from pressroom.models.fetch import FILE as PIECES
from pressroom.models.fetch import Pieces, fetch
from pressroom.models.find_adapter import adapter_of_kind
from pressroom.models.golden import read_golden
from pressroom.models.isolated import IsolatedRunnable
from pressroom.models.linear import FILE as LINEAR
from pressroom.models.linear import load_linear, read_linear
from pressroom.models.model import Adapter, Reviewed, Runnable
from pressroom.models.package import Package
from pressroom.models.permits import DATA_ONLY, Permits
from pressroom.models.runnable_onnx import FILE as ONNX
from pressroom.models.runnable_onnx import RunnableOnnx
from pressroom.models.signature import Floats, Inputs
from pressroom.models.split_onnx import FILE as WEIGHTS
from pressroom.models.split_onnx import SplitGraph, joined
from pressroom.models.structure import Graph, Linear, Structure, Trees
from pressroom.models.trees_file import FILE as TREES
from pressroom.models.trees_file import read_trees
from pressroom.ports import Blobs
from pressroom.values import Digest, InvalidInput, from_document

LOWERED = frozenset({LINEAR, ONNX, WEIGHTS, PIECES, TREES})
"""Files of a package that are ours, and not the framework's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """A package and the form of it that serves."""

    digest: Digest
    package: Package
    runnable: Runnable


def read_package(digest: Digest, blobs: Blobs) -> Package:
    """The manifest alone. Raises NotFound, Damaged."""
    return from_document(blobs.get(digest), Package)


def load(digest: Digest, blobs: Blobs, permits: Permits = DATA_ONLY) -> LoadedModel:
    """The model of a package. Raises NotFound, UnknownKind, FrameworkMissing, Damaged (not what was packed),
    UnsafeModel, NotTrusted (code or types that nobody allowed), NotIsolated.
    """
    package = read_package(digest, blobs)
    if package.form == "linear":
        runnable: Runnable = load_linear({LINEAR: blobs.get(_file(package, LINEAR))}, package.signature)
    elif package.form == "onnx":
        runnable = _onnx(package, blobs)
    else:
        runnable = load_native(digest, package, blobs, permits)
    return LoadedModel(digest=digest, package=package, runnable=runnable)


def _onnx(package: Package, blobs: Blobs) -> RunnableOnnx:
    """The session, opened on bytes that were all found to be what was packed."""
    steps = blobs.get(_file(package, ONNX))
    if WEIGHTS not in package.files:
        return RunnableOnnx(Graph(onnx=steps), package.signature)
    return RunnableOnnx(SplitGraph(steps=steps, weights=_weights(package, blobs)), package.signature)


def _weights(package: Package, blobs: Blobs) -> bytes | memoryview:
    whole = package.files[WEIGHTS]
    if PIECES not in package.files:
        return blobs.get(whole)
    return fetch(whole, from_document(blobs.get(package.files[PIECES]), Pieces), blobs)


def load_native(digest: Digest, package: Package, blobs: Blobs, permits: Permits = DATA_ONLY) -> Runnable:
    """The framework's own form of a package, whatever serves. Raises what `load` does, and InvalidInput where the
    package holds none.
    """
    names = set(package.files) - LOWERED or set(package.files)
    files = {name: blobs.get(package.files[name]) for name in sorted(names)}
    return open_files(adapter_of_kind(package.kind), files, package, permits, trusted=permits.trusted(digest))


def open_files(
    adapter: Adapter, files: Mapping[str, bytes], package: Package, permits: Permits, *, trusted: bool
) -> Runnable:
    """What answers, by the tier of the adapter that is installed: what a package says of itself opens nothing."""
    signature = package.signature
    if adapter.tier == "safe":
        return adapter.load(files, signature)
    if adapter.tier == "reviewed" and isinstance(adapter, Reviewed):
        strange = [name for name in adapter.needs(files) if not permits.allows(name)]
        if strange:
            raise NotTrusted(
                f"{package.name} is made of types that nobody here allowed: {', '.join(strange)}.",
                next_step="If you know them, add them to [models] allowed_types in pressroom.toml.",
            )
        return adapter.load(files, signature)
    if not trusted:
        raise NotTrusted(
            f"{package.name} is code ({adapter.kind}), and its owner has not signed for it.",
            next_step=f"Read it, then: pressroom trust {package.name}@DIGEST --by OWNER.",
        )
    return IsolatedRunnable(adapter.kind, files, signature, permits.limits)


def read_structure(package: Package, blobs: Blobs) -> Structure | None:
    """What the model is made of, where its package holds that: `Linear`, `Trees` or `Graph`. Needs no framework."""
    known = read_known(package, blobs)
    if known is not None or ONNX not in package.files:
        return known
    steps = blobs.get(package.files[ONNX])
    if WEIGHTS not in package.files:
        return Graph(onnx=steps)
    return joined(SplitGraph(steps=steps, weights=_weights(package, blobs)))


def read_known(package: Package, blobs: Blobs) -> Linear | Trees | None:
    """The same, but a graph, which may be large, is left alone."""
    if LINEAR in package.files:
        return read_linear({LINEAR: blobs.get(package.files[LINEAR])})
    if TREES in package.files:
        return read_trees(blobs.get(package.files[TREES]))
    return None


def golden_rows(package: Package, blobs: Blobs) -> tuple[Inputs, Floats]:
    """The golden inputs and what the model answered on them when it was packed."""
    return read_golden(package.signature, blobs.get(package.golden))


def verify_golden(loaded: LoadedModel, blobs: Blobs) -> float:
    """How far the loaded model is from its own golden answers: the largest difference, absolute below 1 and relative
    above; NaN if it gives NaN.
    """
    inputs, expected = golden_rows(loaded.package, blobs)
    answers = loaded.runnable.predict(inputs)
    return float((np.abs(answers - expected) / np.maximum(1.0, np.abs(expected))).max())


def _file(package: Package, name: str) -> Digest:
    if name not in package.files:
        raise InvalidInput(f"The package has no {name}.", next_step="Pack the model again.")
    return package.files[name]
