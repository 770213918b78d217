"""Models of tables: codings and calibration in our JSON, the fitted model as the plain data that its adapter lowers it
to. Loading runs nobody's code.
"""

from collections.abc import Mapping
from typing import Any

from pressroom.models.errors import FrameworkMissing, NotLowered, UnsupportedModel
from pressroom.models.find_adapter import adapter_for
from pressroom.models.linear import FILE as LINEAR
from pressroom.models.linear import RunnableLinear, read_linear, write_linear
from pressroom.models.model import Contributions, Runnable, Tier
from pressroom.models.onnx_from_trees import graph_of_trees
from pressroom.models.outputs import not_explained, not_lowered
from pressroom.models.runnable_onnx import RunnableOnnx
from pressroom.models.signature import Floats, Inputs, Signature, matrix
from pressroom.models.structure import Graph, Linear, Structure, Trees, linked, tree_margins
from pressroom.models.tabular.fold import folded
from pressroom.models.tabular.graph import graph_of_table
from pressroom.models.tabular.table_model import RunnableTable, TableCard, TableModel, inner_inputs
from pressroom.models.trees_file import read_trees, write_trees
from pressroom.values import InvalidInput, from_document, to_document

_CARD, _LINEAR, _TREES, _GRAPH = "table.json", "inner_linear.json", "inner_trees.arrow", "inner.onnx"


class RunnableTrees:
    """Trees walked in numpy: slow, and all that there is where onnxruntime is not installed."""

    def __init__(self, trees: Trees, signature: Signature) -> None:
        """Take checked trees."""
        self._trees = trees
        self._signature = signature

    def predict(self, inputs: Inputs) -> Floats:
        """The answer for each row."""
        found = linked(tree_margins(self._trees, matrix(self._signature, inputs)), self._trees.link)
        return found[:, 0] if self._trees.outputs() == 1 else found


class TableAdapter:
    """Speaks TableModel."""

    kind = "table"
    distributions = ("numpy",)
    tier: Tier = "safe"

    def owns(self, model: object) -> bool:
        """Whether it is one."""
        return isinstance(model, TableModel)

    def original(self, model: object, signature: Signature, inputs: Inputs) -> Floats:
        """What the framework's own model answers for the coded columns, calibrated in numpy."""
        known = _table(model)
        found = adapter_for(known.fitted).original(
            known.fitted, known.card.inner_signature(), inner_inputs(known.card, inputs)
        )
        return known.card.finish(found)

    def dump(self, model: object, signature: Signature) -> dict[str, bytes]:
        """The card, and the fitted model as data."""
        known = _table(model)
        inner = _lowered(known)
        files = {_CARD: to_document(known.card)}
        if isinstance(inner, Linear):
            files[_LINEAR] = write_linear(inner)
        elif isinstance(inner, Trees):
            files[_TREES] = write_trees(inner)
        else:
            files[_GRAPH] = inner.onnx
        return files

    def load(self, files: Mapping[str, bytes], signature: Signature) -> Runnable:
        """What answers; of trees and networks with onnxruntime, of trees also without."""
        if _CARD not in files:
            raise InvalidInput(f"The package has no {_CARD}.", next_step="Pack the model again.")
        card = from_document(files[_CARD], TableCard)
        inner = card.inner_signature()
        if _LINEAR in files:
            return RunnableTable(card, RunnableLinear(read_linear({LINEAR: files[_LINEAR]}), inner))
        if _TREES in files:
            trees = read_trees(files[_TREES])
            try:
                return RunnableTable(card, RunnableOnnx(graph_of_trees(trees), inner))
            except FrameworkMissing:
                return RunnableTable(card, RunnableTrees(trees, inner))
        if _GRAPH not in files:
            raise InvalidInput("The package lacks its inner model.", next_step="Pack the model again.")
        return RunnableTable(card, RunnableOnnx(Graph(onnx=files[_GRAPH]), inner))

    def lower(self, model: object, signature: Signature) -> Structure:
        """A linear form over the raw columns where there is one, else one graph."""
        known = _table(model)
        try:
            inner = _lowered(known)
        except UnsupportedModel as error:
            return not_lowered(error.message)
        linear = folded(known.card, inner, signature) if isinstance(inner, Linear) else None
        return linear or graph_of_table(known.card, inner, signature)

    def explain(self, runnable: Runnable, inputs: Inputs, background: Inputs, *, within_s: float) -> Contributions:
        """A method of the inner model would speak of coded columns, which nobody asked about."""
        not_explained("it speaks of coded columns")


def _table(model: object) -> TableModel:
    if not isinstance(model, TableModel):
        raise UnsupportedModel(f"{type(model).__name__} is no model of a table.", next_step="Train one on a table.")
    return model


def _lowered(known: TableModel) -> Any:
    """The fitted model as data. Raises UnsupportedModel where it can't be."""
    try:
        return adapter_for(known.fitted).lower(known.fitted, known.card.inner_signature())
    except (NotLowered, FrameworkMissing) as error:
        raise UnsupportedModel(error.message, next_step="pip install 'pressroom[onnx]'.") from error
