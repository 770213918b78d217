"""What a loaded model is made of, wherever that is kept."""

from typing import Protocol, runtime_checkable

from pressroom.models.load import LoadedModel, read_structure
from pressroom.models.runnable_onnx import RunnableOnnx
from pressroom.models.structure import Structure
from pressroom.models.trees_file import FILE as TREES
from pressroom.ports import Blobs


@runtime_checkable
class Structured(Protocol):
    """A runnable that knows its structure: an ensemble that is one graph, once it is assembled."""

    @property
    def structure(self) -> Structure | None:
        """The structure, or None where there is none."""
        ...


def structure_of(loaded: LoadedModel, blobs: Blobs) -> Structure | None:
    """The structure of a loaded model, or None: its framework's own runtime serves it, which can't be looked into."""
    if isinstance(loaded.runnable, Structured) and loaded.runnable.structure is not None:
        return loaded.runnable.structure
    return read_structure(loaded.package, blobs)


def structure_in_place(loaded: LoadedModel, blobs: Blobs) -> Structure | None:
    """The same, but of a graph in two files its large tensors stay where the session that serves reads them: nothing is
    fetched, copied or parsed again.
    """
    runnable = loaded.runnable
    if isinstance(runnable, RunnableOnnx) and runnable.in_place is not None and TREES not in loaded.package.files:
        return runnable.in_place
    return structure_of(loaded, blobs)
