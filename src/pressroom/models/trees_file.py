"""Tree ensembles as bytes: an Arrow table of nodes with the rest in its metadata; equal trees give equal bytes.

Read without a framework, and checked: a file whose children lead nowhere or back up is refused, for a walk down such a
tree would never end.
"""

import numpy as np
import pyarrow as pa

from pressroom.models.structure import Trees
from pressroom.values import InvalidInput, from_document, to_document

FILE = "trees.arrow"
_NODES = ("feature", "threshold", "left", "right", "null_left", "value")
_SAID = b"trees"


def write_trees(trees: Trees) -> bytes:
    """The trees as one Arrow IPC stream."""
    said = {
        "inputs": trees.inputs,
        "root": trees.root.tolist(),
        "output": trees.output.tolist(),
        "base": trees.base.tolist(),
        "link": trees.link,
        "precision": trees.precision,
    }
    table = pa.table({name: pa.array(getattr(trees, name)) for name in _NODES})
    table = table.replace_schema_metadata({_SAID: to_document(said)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def read_trees(content: bytes) -> Trees:
    """What `write_trees` wrote; refuses bytes that are something else, and trees that can't be walked."""
    try:
        with pa.ipc.open_stream(content) as stream:
            table = stream.read_all()
        said = from_document((table.schema.metadata or {})[_SAID], dict)
        trees = Trees(
            inputs=tuple(said["inputs"]),
            feature=table.column("feature").to_numpy().astype(np.int32),
            threshold=table.column("threshold").to_numpy().astype(np.float64),
            left=table.column("left").to_numpy().astype(np.int32),
            right=table.column("right").to_numpy().astype(np.int32),
            null_left=table.column("null_left").to_numpy().astype(np.bool_),
            value=table.column("value").to_numpy().astype(np.float64),
            root=np.array(said["root"], dtype=np.int32),
            output=np.array(said["output"], dtype=np.int32),
            base=np.array(said["base"], dtype=np.float64),
            link=said["link"],
            precision=said["precision"],
        )
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"These are no trees: {error}.", next_step="Pack the model again.") from error
    check_trees(trees)
    return trees


def check_trees(trees: Trees) -> None:
    """Refuse trees whose nodes lead out of the list or back up, or that add to outputs or read inputs that are not
    there.
    """
    nodes, place = len(trees.feature), np.arange(len(trees.feature))
    inner = trees.feature >= 0
    children = np.concatenate([trees.left[inner], trees.right[inner]])
    parents = np.concatenate([place[inner], place[inner]])
    sound = (
        (children > parents).all()
        and (np.searchsorted(trees.root, parents, side="right") == np.searchsorted(trees.root, children, "right")).all()
        and (np.diff(trees.root) > 0).all()
        and (children < nodes).all()
        and (trees.feature < len(trees.inputs)).all()
        and ((trees.root >= 0) & (trees.root < nodes)).all()
        and ((trees.output >= 0) & (trees.output < trees.outputs())).all()
        and len(trees.root) == len(trees.output)
        and np.isfinite(trees.value).all()
    )
    if not sound:
        raise InvalidInput("A tree of this model leads nowhere or back up.", next_step="Pack the model again.")
