"""Packing: from a trained thing to a package whose serving form is proven to answer like it."""

import statistics
import time
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from pressroom.models.environment import environment_of
from pressroom.models.errors import FrameworkMissing, NotLowered, ParityBroken, UnsupportedModel
from pressroom.models.fetch import FILE as PIECES
from pressroom.models.fetch import cut
from pressroom.models.find_adapter import adapter_for
from pressroom.models.golden import choose_golden, write_golden
from pressroom.models.inputs_from_table import inputs_from_table
from pressroom.models.linear import FILE as LINEAR
from pressroom.models.linear import RunnableLinear, write_linear
from pressroom.models.load import open_files
from pressroom.models.model import Adapter, Runnable
from pressroom.models.onnx_from_trees import graph_of_trees
from pressroom.models.package import Form, Measured, Origin, Package, Packed, Parity
from pressroom.models.parity import TOLERANCE, compare, edge_rows
from pressroom.models.permits import Limits, Permits
from pressroom.models.runnable_onnx import FILE as ONNX
from pressroom.models.runnable_onnx import RunnableOnnx
from pressroom.models.signature import Floats, Inputs, Signature, count_rows, take_rows
from pressroom.models.split_onnx import FILE as WEIGHTS
from pressroom.models.split_onnx import SplitGraph, split
from pressroom.models.structure import Graph, Linear, Structure, Trees
from pressroom.models.trees_file import FILE as TREES
from pressroom.models.trees_file import write_trees
from pressroom.models.vectors import check_vectors
from pressroom.ports import Blobs
from pressroom.values import InvalidInput, PressroomError, check_name, to_document

_REPEATS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    """A form that serves, its files, and the certificate that it answers like the trained model."""

    form: Form
    files: dict[str, bytes]
    runnable: Runnable
    answers: Floats
    parity: Parity
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    """A trained thing with all that it is compared by."""

    adapter: Adapter
    trained: object
    signature: Signature
    inputs: Inputs
    tolerance: float

    def original(self, inputs: Inputs) -> Floats:
        """What the framework answers; what it raises becomes a refusal that says which rows it was asked."""
        try:
            return self.adapter.original(self.trained, self.signature, inputs)
        except PressroomError:
            raise
        except Exception as error:
            raise UnsupportedModel(
                f"The trained model itself fails on its golden rows: {type(error).__name__}: {error}.",
                next_step="Does the signature let inputs be null that the model does not take as null?",
            ) from error


def pack(  # noqa: PLR0913  (a package is what is said here, and every part of it is a promise)
    model: object,
    *,
    name: str,
    signature: Signature,
    golden: pa.Table,
    origin: Origin,
    blobs: Blobs,
    tolerance: float = TOLERANCE,
    space: str = "",
    limits: Limits | None = None,
    image: str = "",
) -> Packed:
    """Keep `model` in `blobs` in the safest form it has, and compare that form with it on up to 256 rows of `golden`.

    It is lowered where it can be: to a linear form, or to ONNX, compared also on rows at the edges of its splits and
    with nulls. Where that fails or differs by more than `tolerance`, the framework's own runtime serves and the package
    says why. Code (plain Python) is packed as code: nobody loads it before its owner signed for it. `image` is
    the digest of the image that it was trained in, where there is one.

    Raises UnsupportedModel, SignatureMismatch, ParityBroken, NoSpace. The package's own document is a blob too: its
    digest is all that `load` needs. Packing the same model again gives the same digest.
    """
    check_name(name, what="a model")
    check_vectors(signature)
    adapter = adapter_for(model)
    inputs = choose_golden(inputs_from_table(signature, golden))
    known = _Model(adapter=adapter, trained=model, signature=signature, inputs=inputs, tolerance=tolerance)
    served, structure_files = _serve(known, name, origin, limits or Limits())
    # What serves comes first: an ONNX model's own file is the same, in one piece.
    files = {**structure_files, **served.files}
    package = replace(
        _unserved(known, name, origin),
        files={file: blobs.put(content) for file, content in sorted(files.items())},
        golden=blobs.put(write_golden(signature, inputs, served.answers)),
        parity=served.parity,
        size_bytes=sum(len(content) for content in files.values()),
        form=served.form,
        why=served.why,
        environment=environment_of(
            (*adapter.distributions, *(("onnxruntime",) if served.form == "onnx" else ())), image
        ),
        space=space,
    )
    measured = _measure(served.runnable, inputs)
    digest = blobs.put(to_document(package))
    return Packed(package=package, digest=digest, measured=measured, runnable=served.runnable)


def _serve(known: _Model, name: str, origin: Origin, limits: Limits) -> tuple[_Served, dict[str, bytes]]:
    """The form that serves, and files of the package beside it that can be read safely."""
    structure, why = _lowered(known)
    beside: dict[str, bytes] = {TREES: write_trees(structure)} if isinstance(structure, Trees) else {}
    if structure is not None:
        try:
            served = _try_lowered(known, structure)
        except FrameworkMissing as error:
            why = error.message
        except (ParityBroken, InvalidInput) as error:
            why, beside = error.message, {}
        else:
            return served, beside | (_own_files(known) if known.adapter.tier == "safe" else {})
    return _native(known, name, origin, why, limits), beside


def _in_files(parts: SplitGraph) -> dict[str, bytes]:
    weights = bytes(parts.weights)
    return {ONNX: parts.steps, WEIGHTS: weights, PIECES: to_document(cut(weights))}


def _own_files(known: _Model) -> dict[str, bytes]:
    """The framework's own file beside the form that serves: it explains, and can be trained on."""
    try:
        return known.adapter.dump(known.trained, known.signature)
    except UnsupportedModel:
        return {}


def _lowered(known: _Model) -> tuple[Structure | None, str]:
    try:
        return known.adapter.lower(known.trained, known.signature), ""
    except (NotLowered, FrameworkMissing) as error:
        return None, error.message


def _try_lowered(known: _Model, structure: Structure) -> _Served:
    """Raises ParityBroken, FrameworkMissing, InvalidInput: the reason to serve by the framework's own runtime."""
    signature = known.signature
    if isinstance(structure, Linear):
        content = write_linear(structure)
        form: Form = "linear"
        runnable: Runnable = RunnableLinear(structure, signature)
        files = {LINEAR: content}
    else:
        graph = structure if isinstance(structure, Graph) else graph_of_trees(structure)
        parts = split(graph)
        form, runnable = "onnx", RunnableOnnx(parts or graph, signature)
        files = {ONNX: graph.onnx} if parts is None else _in_files(parts)
    answers, parity = _certified(known, runnable)
    edges = edge_rows(known.inputs, signature, structure)
    if edges is not None:
        found = compare(known.original(edges), runnable.predict(edges), tolerance=known.tolerance)
        if found.broken:
            raise ParityBroken(
                found.broken.replace("golden row", "edge row"), next_step="The framework's own runtime serves."
            )
        parity = replace(parity, edge_rows=found.parity.rows, edge_max_abs_diff=found.parity.max_abs_diff)
    why = f"answers like {known.adapter.kind} on {parity.rows} golden rows and {parity.edge_rows} at edges"
    return _Served(form=form, files=files, runnable=runnable, answers=answers, parity=parity, why=why)


def _native(known: _Model, name: str, origin: Origin, why: str, limits: Limits) -> _Served:
    """The framework's own form. It is code only where this process has run that code already, so it may be opened."""
    files = known.adapter.dump(known.trained, known.signature)
    permits = Permits(types=("*",), limits=limits)
    runnable = open_files(known.adapter, files, _unserved(known, name, origin), permits, trusted=True)
    answers, parity = _certified(known, runnable)
    return _Served(form="native", files=files, runnable=runnable, answers=answers, parity=parity, why=why)


def _certified(known: _Model, runnable: Runnable) -> tuple[Floats, Parity]:
    answers = runnable.predict(known.inputs)
    found = compare(known.original(known.inputs), answers, tolerance=known.tolerance)
    if found.broken:
        raise ParityBroken(
            found.broken,
            next_step=f"At most {known.tolerance:g} is allowed: look for inputs of extreme size.",
        )
    return answers, found.parity


def _unserved(known: _Model, name: str, origin: Origin) -> Package:
    """The manifest before it is known what serves."""
    return Package(
        name=name,
        kind=known.adapter.kind,
        signature=known.signature,
        files={},
        golden="",
        environment={},
        parity=Parity(rows=0, max_abs_diff=0.0),
        size_bytes=0,
        origin=_inherit(origin, known.signature),
        tier=known.adapter.tier,
    )


def _inherit(origin: Origin, signature: Signature) -> Origin:
    labels = set(origin.labels).union(*(field.labels for field in signature.inputs))
    return Origin(parents=origin.parents, labels=tuple(sorted(labels)), purposes=tuple(sorted(origin.purposes)))


def _measure(runnable: Runnable, inputs: Inputs) -> Measured:
    count = count_rows(inputs)
    return Measured(
        us_per_row_alone=_median_us(runnable, take_rows(inputs, np.zeros(1, dtype=np.int64))),
        us_per_row_of_100=_median_us(runnable, take_rows(inputs, np.arange(100, dtype=np.int64) % count)) / 100,
    )


def _median_us(runnable: Runnable, inputs: Inputs) -> float:
    runnable.predict(inputs)
    took: list[float] = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        runnable.predict(inputs)
        took.append(time.perf_counter() - start)
    return statistics.median(took) * 1e6
