"""A trained thing and its promises: signature, package, golden rows, version, and how it is kept and loaded.

One adapter a framework, found by entry point; importing this room imports none of them. How a model is trained is
`training`'s business, who is answered by it is `serving`'s.
"""

from pressroom.models.errors import (
    FrameworkMissing,
    IsolatedFailure,
    NotExplained,
    NotIsolated,
    NotLowered,
    NotTrusted,
    ParityBroken,
    SignatureMismatch,
    UnknownKind,
    UnsafeModel,
    UnsupportedModel,
)
from pressroom.models.explain import WITHIN_S, Explanation, explain
from pressroom.models.explanation_words import sentences
from pressroom.models.find_adapter import adapter_for, adapter_of_kind, installed_adapters
from pressroom.models.framework import framework
from pressroom.models.group_means import GroupMeans, MeanBy
from pressroom.models.inputs_from_rows import inputs_from_rows
from pressroom.models.inputs_from_table import inputs_from_table
from pressroom.models.load import (
    LoadedModel,
    golden_rows,
    load,
    load_native,
    read_package,
    read_structure,
    verify_golden,
)
from pressroom.models.model import Adapter, Contributions, Reviewed, Runnable, Tier
from pressroom.models.onnx_from_trees import graph_of_trees
from pressroom.models.onnx_safety import check_onnx, read_onnx
from pressroom.models.pack import pack
from pressroom.models.package import Form, Measured, Moved, Origin, Package, Packed, Parity
from pressroom.models.parity import TOLERANCE
from pressroom.models.permits import DATA_ONLY, Limits, Permits
from pressroom.models.prediction import prediction_field, prediction_schema
from pressroom.models.publish import Published, Publisher, Words, left_behind, plan_version, publish
from pressroom.models.runnable_onnx import RunnableOnnx, open_session
from pressroom.models.service import Models, ModelVersion
from pressroom.models.signature import Column, Floats, Inputs, Signature, count_rows, matrix, take_rows, width
from pressroom.models.signature_of_sample import signature_of_sample
from pressroom.models.structure import (
    MATRIX,
    Graph,
    Levels,
    Linear,
    Link,
    Structure,
    Trees,
    leaves,
    linked,
    tree_margins,
)
from pressroom.models.version import Behaviour, MovedRow, VersionReport, next_version, version_report

__all__ = [
    "DATA_ONLY",
    "MATRIX",
    "TOLERANCE",
    "WITHIN_S",
    "Adapter",
    "Behaviour",
    "Column",
    "Contributions",
    "Explanation",
    "Floats",
    "Form",
    "FrameworkMissing",
    "Graph",
    "GroupMeans",
    "Inputs",
    "IsolatedFailure",
    "Levels",
    "Limits",
    "Linear",
    "Link",
    "LoadedModel",
    "MeanBy",
    "Measured",
    "ModelVersion",
    "Models",
    "Moved",
    "MovedRow",
    "NotExplained",
    "NotIsolated",
    "NotLowered",
    "NotTrusted",
    "Origin",
    "Package",
    "Packed",
    "Parity",
    "ParityBroken",
    "Permits",
    "Published",
    "Publisher",
    "Reviewed",
    "Runnable",
    "RunnableOnnx",
    "Signature",
    "SignatureMismatch",
    "Structure",
    "Tier",
    "Trees",
    "UnknownKind",
    "UnsafeModel",
    "UnsupportedModel",
    "VersionReport",
    "Words",
    "adapter_for",
    "adapter_of_kind",
    "check_onnx",
    "count_rows",
    "explain",
    "framework",
    "golden_rows",
    "graph_of_trees",
    "inputs_from_rows",
    "inputs_from_table",
    "installed_adapters",
    "leaves",
    "left_behind",
    "linked",
    "load",
    "load_native",
    "matrix",
    "next_version",
    "open_session",
    "pack",
    "plan_version",
    "prediction_field",
    "prediction_schema",
    "publish",
    "read_onnx",
    "read_package",
    "read_structure",
    "sentences",
    "signature_of_sample",
    "take_rows",
    "tree_margins",
    "verify_golden",
    "version_report",
    "width",
]
