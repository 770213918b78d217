"""A trained thing and its promises: signature, package, golden rows, version, and how it is kept and loaded.

One adapter a framework, found by entry point; importing this room imports none of them. How a model is trained is
`training`'s business, who is answered by it is `serving`'s.
"""

from pressroom.models.ensemble import nodes
from pressroom.models.ensemble.checked import Member
from pressroom.models.ensemble.declaration import Ensemble, Node
from pressroom.models.ensemble.errors import BadEnsemble
from pressroom.models.ensemble.member import member_of, resolve_members
from pressroom.models.ensemble.plan import EnsemblePlan, plan_of
from pressroom.models.ensemble.runnable import EnsembleAnswer, Replaced, RunnableEnsemble, assemble
from pressroom.models.environment import differences
from pressroom.models.errors import (
    FellowLost,
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
from pressroom.models.explain import WITHIN_S, Explainer, Explanation, explain
from pressroom.models.explanation_words import sentences
from pressroom.models.fellows import Alone, Fellows, JoinsFellows, join_fellows
from pressroom.models.fence import bare_environment, bubblewrap_command, visible_folders
from pressroom.models.find_adapter import adapter_for, adapter_of_kind, installed_adapters
from pressroom.models.framework import framework
from pressroom.models.group_means import GroupMeans, MeanBy
from pressroom.models.inputs_from_columns import Values, inputs_from_columns
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
from pressroom.models.open_session import open_session
from pressroom.models.pack import pack
from pressroom.models.package import Form, Measured, Moved, Origin, Package, Packed, Parity
from pressroom.models.parity import TOLERANCE
from pressroom.models.partial.blocks import REQUEST
from pressroom.models.partial.cache import CacheCounts, PartialCache
from pressroom.models.partial.partial_model import FEW as FEWEST_ROWS
from pressroom.models.partial.partial_model import PartialModel, in_parts, partial_of
from pressroom.models.partial.parts import PartialPlan
from pressroom.models.partial.rows import Rows
from pressroom.models.permits import DATA_ONLY, Limits, Permits
from pressroom.models.prediction import PREDICTIONS, prediction_field, prediction_schema
from pressroom.models.publish import Published, Publisher, Words, left_behind, plan_version, publish
from pressroom.models.resumes import Resumes, StateFiles, resumes
from pressroom.models.runnable_onnx import RunnableOnnx
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
from pressroom.models.tabular.coding import Coding, encoded
from pressroom.models.tabular.table_model import TableCard, TableModel
from pressroom.models.version import Behaviour, MovedRow, VersionReport, next_version, version_report

__all__ = [
    "DATA_ONLY",
    "FEWEST_ROWS",
    "MATRIX",
    "PREDICTIONS",
    "REQUEST",
    "TOLERANCE",
    "WITHIN_S",
    "Adapter",
    "Alone",
    "BadEnsemble",
    "Behaviour",
    "CacheCounts",
    "Coding",
    "Column",
    "Contributions",
    "Ensemble",
    "EnsembleAnswer",
    "EnsemblePlan",
    "Explainer",
    "Explanation",
    "FellowLost",
    "Fellows",
    "Floats",
    "Form",
    "FrameworkMissing",
    "Graph",
    "GroupMeans",
    "Inputs",
    "IsolatedFailure",
    "JoinsFellows",
    "Levels",
    "Limits",
    "Linear",
    "Link",
    "LoadedModel",
    "MeanBy",
    "Measured",
    "Member",
    "ModelVersion",
    "Models",
    "Moved",
    "MovedRow",
    "Node",
    "NotExplained",
    "NotIsolated",
    "NotLowered",
    "NotTrusted",
    "Origin",
    "Package",
    "Packed",
    "Parity",
    "ParityBroken",
    "PartialCache",
    "PartialModel",
    "PartialPlan",
    "Permits",
    "Published",
    "Publisher",
    "Replaced",
    "Resumes",
    "Reviewed",
    "Rows",
    "Runnable",
    "RunnableEnsemble",
    "RunnableOnnx",
    "Signature",
    "SignatureMismatch",
    "StateFiles",
    "Structure",
    "TableCard",
    "TableModel",
    "Tier",
    "Trees",
    "UnknownKind",
    "UnsafeModel",
    "UnsupportedModel",
    "Values",
    "VersionReport",
    "Words",
    "adapter_for",
    "adapter_of_kind",
    "assemble",
    "bare_environment",
    "bubblewrap_command",
    "check_onnx",
    "count_rows",
    "differences",
    "encoded",
    "explain",
    "framework",
    "golden_rows",
    "graph_of_trees",
    "in_parts",
    "inputs_from_columns",
    "inputs_from_rows",
    "inputs_from_table",
    "installed_adapters",
    "join_fellows",
    "leaves",
    "left_behind",
    "linked",
    "load",
    "load_native",
    "matrix",
    "member_of",
    "next_version",
    "nodes",
    "open_session",
    "pack",
    "partial_of",
    "plan_of",
    "plan_version",
    "prediction_field",
    "prediction_schema",
    "publish",
    "read_onnx",
    "read_package",
    "read_structure",
    "resolve_members",
    "resumes",
    "sentences",
    "signature_of_sample",
    "take_rows",
    "tree_margins",
    "verify_golden",
    "version_report",
    "visible_folders",
    "width",
]
