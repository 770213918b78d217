"""Packing from a notebook or a script: any trained thing, into a workspace's catalog."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from pressroom.models import TOLERANCE, Origin, Packed, Published, Words, signature_of_sample
from pressroom.models import pack as pack_files
from pressroom.training import TrainingSet, TrainingSetDefinition
from pressroom.values import FieldSchema, InvalidInput
from pressroom.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedModel:
    """A model that was packed and published: the package, and its version with the reason for it."""

    packed: Packed
    published: Published

    def __str__(self) -> str:
        """What was promised, in a few lines."""
        package, measured, parity = self.packed.package, self.packed.measured, self.packed.package.parity
        entry, report = self.published.entry, self.published.report
        lines = [
            f"{entry.name} {entry.version} ({entry.digest[:12]}): {report.words()}",
            f"serves as {package.form}: {package.why}",
            f"parity on {parity.rows} golden rows: largest difference {parity.max_abs_diff:.2g}, "
            f"at edges {parity.edge_max_abs_diff:.2g}",
            f"{package.size_bytes:,} bytes; {measured.us_per_row_alone:.1f} us for a row alone, "
            f"{measured.us_per_row_of_100:.2f} us in a hundred",
        ]
        return "\n".join([*lines, *self.published.breaks])


def pack(  # noqa: PLR0913  (a package is what is said here, and every part of it is a promise)
    model: object,
    *,
    name: str,
    sample: Any,
    workspace: Workspace,
    golden: Any = None,
    trained_on: TrainingSet | TrainingSetDefinition | None = None,
    output: FieldSchema | None = None,
    owner: str = "",
    purposes: Sequence[str] = (),
    tolerance: float = TOLERANCE,
    space: str = "",
    image: str = "",
) -> PackedModel:
    """Pack `model` under `name`, prove its serving form, work out its version, and put it in use in `workspace`.

    `sample` are rows as the model is asked them, columns in its order: an Arrow table, a data frame (anything with
    `__arrow_c_stream__`), or a mapping of columns. `golden` are the rows to compare on (the sample, if not given).
    Units, words and labels come from `trained_on`, or from the sample's own Arrow metadata. `output` says what the
    answer is: by default the chance of the training set's label, else a number called `score`. `space` names the
    space and version of an embedding. `image` is the digest of the image it was trained in, as
    `workspace.flows.image_of(run)` tells it. The owner alone may sign for code, later. Raises what
    `pressroom.models.pack` does.
    """
    rows = as_table(sample)
    _check_field(output)
    known, label = _known(trained_on)
    answer = output or (
        replace(label, type="float", unit="probability", optional=False, doc=f"chance of {label.name}")
        if label is not None
        else FieldSchema(name="score", type="float")
    )
    signature = signature_of_sample(rows, answer, known)
    parents = ()
    if isinstance(trained_on, TrainingSet):
        entry = workspace.catalog.by_digest("training_set", trained_on.digest)
        parents = () if entry is None else (entry.reference(),)
    packed = pack_files(
        model,
        name=name,
        signature=signature,
        golden=rows if golden is None else as_table(golden),
        origin=Origin(
            parents=tuple(parent.digest for parent in parents), labels=answer.labels, purposes=tuple(purposes)
        ),
        blobs=workspace.ports.blobs,
        tolerance=tolerance,
        space=space,
        limits=workspace.permits.limits,
        image=image,
    )
    words = Words(owner=owner, parents=parents, purposes=tuple(purposes))
    return PackedModel(packed=packed, published=workspace.models.publish(packed, words))


def _check_field(output: object) -> None:
    if output is not None and not isinstance(output, FieldSchema):
        raise InvalidInput(
            f"What the answer is was given as {output!r}, and a field says it with its type and unit.",
            next_step="output=pr.FieldSchema(name='late', type='float', unit='probability')",
        )


def as_table(rows: Any) -> pa.Table:
    """An Arrow table from what people have their rows in. Refuses anything else."""
    if isinstance(rows, pa.Table):
        return rows
    if hasattr(rows, "__arrow_c_stream__"):
        return pa.table(rows)
    if isinstance(rows, dict):
        return pa.table({str(name): pa.array(_plain(column), from_pandas=True) for name, column in rows.items()})
    raise InvalidInput(
        f"Rows in a {type(rows).__name__} have no names.",
        next_step="Give an Arrow table, a data frame, or a dict of columns.",
    )


def _plain(column: Any) -> Any:
    if isinstance(column, pa.Array | pa.ChunkedArray):
        return column
    if isinstance(column, list) and any(isinstance(value, list | tuple | np.ndarray) for value in column):
        return pa.array([None if value is None else list(value) for value in column])
    found = np.asarray(column)
    return pa.array(list(found)) if found.ndim == 2 else found


def _known(trained_on: TrainingSet | TrainingSetDefinition | None) -> tuple[Sequence[FieldSchema], FieldSchema | None]:
    if trained_on is None:
        return (), None
    if isinstance(trained_on, TrainingSet):
        return trained_on.inputs, trained_on.label
    return trained_on.question.inputs(), trained_on.label.result()
