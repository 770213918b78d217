"""Packing: from a trained thing to a package whose serving form is proven to answer like it."""

import platform
import statistics
import time
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pyarrow as pa

from pressroom.models.errors import ParityBroken
from pressroom.models.find_adapter import adapter_for
from pressroom.models.golden import choose_golden, write_golden
from pressroom.models.inputs_from_table import inputs_from_table
from pressroom.models.model import Adapter, Runnable
from pressroom.models.package import Measured, Origin, Package, Packed, Parity
from pressroom.models.signature import Floats, Inputs, Signature, count_rows, take_rows
from pressroom.ports import Blobs
from pressroom.values import check_name, to_document

TOLERANCE = 1e-6
"""The serving form may differ from the trained model by this much on a golden row, absolutely."""

_REPEATS = 20


def pack(model: object, *, name: str, signature: Signature, golden: pa.Table, origin: Origin, blobs: Blobs) -> Packed:
    """Keep `model` in `blobs` in a safe format, load it back, and compare both on up to 256 rows of `golden`.

    Raises UnsupportedModel, SignatureMismatch, ParityBroken, NoSpace. The package's own document is a blob too: its
    digest is all that `load` needs. Packing the same model again gives the same digest.
    """
    check_name(name, what="a model")
    adapter = adapter_for(model)
    files = adapter.dump(model, signature)
    runnable = adapter.load(files, signature)
    inputs = choose_golden(inputs_from_table(signature, golden))
    answers = runnable.predict(inputs)
    parity = _compare(adapter.original(model, signature, inputs), answers)
    package = Package(
        name=name,
        kind=adapter.kind,
        signature=signature,
        files={file: blobs.put(content) for file, content in sorted(files.items())},
        golden=blobs.put(write_golden(signature, inputs, answers)),
        environment=_environment(adapter),
        parity=parity,
        size_bytes=sum(len(content) for content in files.values()),
        origin=_inherit(origin, signature),
    )
    return Packed(package=package, digest=blobs.put(to_document(package)), measured=_measure(runnable, inputs))


def _compare(original: Floats, answers: Floats) -> Parity:
    if original.shape != answers.shape:
        raise ParityBroken(
            f"The trained model answers in shape {original.shape}, the form that serves in {answers.shape}.",
            next_step="The adapter has a defect: a model gives one number a row.",
        )
    differences = np.abs(original - answers)
    worst = float(differences.max())
    if not worst <= TOLERANCE:
        raise ParityBroken(
            f"On golden row {int(differences.argmax())} trained and serving form differ by {worst:.3g}.",
            next_step=f"At most {TOLERANCE:g} is allowed: look for inputs of extreme size, or give another model.",
        )
    return Parity(rows=len(answers), max_abs_diff=worst)


def _environment(adapter: Adapter) -> dict[str, str]:
    found = {"python": platform.python_version()}
    for distribution in adapter.distributions:
        try:
            found[distribution] = version(distribution)
        except PackageNotFoundError:
            continue
    return found


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
