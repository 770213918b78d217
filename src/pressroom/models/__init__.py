"""A trained thing and its promises: signature, package, golden rows, version, and how it is kept and loaded.

One adapter a framework, found by entry point; importing this room imports none of them. How a model is trained is
`training`'s business, who is answered by it is `serving`'s.
"""

from pressroom.models.errors import (
    FrameworkMissing,
    ParityBroken,
    SignatureMismatch,
    UnknownKind,
    UnsupportedModel,
)
from pressroom.models.find_adapter import adapter_for, adapter_of_kind, installed_adapters
from pressroom.models.framework import framework
from pressroom.models.group_means import GroupMeans, MeanBy
from pressroom.models.inputs_from_columns import Values, inputs_from_columns
from pressroom.models.inputs_from_rows import inputs_from_rows
from pressroom.models.inputs_from_table import inputs_from_table
from pressroom.models.load import LoadedModel, golden_rows, load, read_package, verify_golden
from pressroom.models.model import Adapter, Runnable
from pressroom.models.pack import pack
from pressroom.models.package import Measured, Origin, Package, Packed, Parity
from pressroom.models.prediction import prediction_field, prediction_schema
from pressroom.models.signature import Column, Floats, Inputs, Signature, count_rows, matrix, take_rows
from pressroom.models.version import Behaviour, next_version

__all__ = [
    "Adapter",
    "Behaviour",
    "Column",
    "Floats",
    "FrameworkMissing",
    "GroupMeans",
    "Inputs",
    "LoadedModel",
    "MeanBy",
    "Measured",
    "Origin",
    "Package",
    "Packed",
    "Parity",
    "ParityBroken",
    "Runnable",
    "Signature",
    "SignatureMismatch",
    "UnknownKind",
    "UnsupportedModel",
    "Values",
    "adapter_for",
    "adapter_of_kind",
    "count_rows",
    "framework",
    "golden_rows",
    "inputs_from_columns",
    "inputs_from_rows",
    "inputs_from_table",
    "installed_adapters",
    "load",
    "matrix",
    "next_version",
    "pack",
    "prediction_field",
    "prediction_schema",
    "read_package",
    "take_rows",
    "verify_golden",
]
