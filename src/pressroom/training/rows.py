"""The rows of a training set's table: which part they are of, and whether their label is known yet."""

import pyarrow as pa
import pyarrow.compute as pc

from pressroom.models import Floats
from pressroom.training.errors import NoRows
from pressroom.training.split import Part
from pressroom.values import InvalidInput

LABEL = "label"
SPLIT = "split"


def mature_rows(table: pa.Table, part: Part) -> pa.Table:
    """The rows of one part whose label is known, in their order; raises NoRows where there are none."""
    missing = {LABEL, SPLIT}.difference(table.column_names)
    if missing:
        raise InvalidInput(f"This table lacks {', '.join(sorted(missing))}.", next_step="Give a training set's table.")
    rows = table.filter(pc.and_(pc.equal(table[SPLIT], part), pc.is_valid(table[LABEL])))
    if rows.num_rows == 0:
        raise NoRows(
            f"The training set has no row with a label in its part {part!r}.",
            next_step="Widen the spine's period, or wait until labels are known.",
        )
    return rows


def labels(rows: pa.Table) -> Floats:
    """The labels of mature rows, (n,)."""
    return rows.column(LABEL).cast(pa.float64()).to_numpy()
