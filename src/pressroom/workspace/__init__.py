"""Opens the house: settings, wiring, and what a project declares.

The only room that knows the backends, reads files of settings and looks at the environment. Doors come in through a
`Workspace`; no rule of the trade lives here.
"""

from pressroom.workspace.accounts import Accounts, Span
from pressroom.workspace.board import Board, Place
from pressroom.workspace.chores import Chores, Report
from pressroom.workspace.declare import endpoint, experiment
from pressroom.workspace.definitions import Definitions, definitions_of, gather, load_definitions
from pressroom.workspace.demote import Demotion
from pressroom.workspace.drain import drain_node, find_node, nodes_of
from pressroom.workspace.errors import (
    BadDefinitions,
    BadSettings,
    NotPromoted,
    NoWorkspace,
    StillThere,
    StillUsed,
    UnknownEntity,
    UnknownView,
)
from pressroom.workspace.feature_costs import FeatureCost
from pressroom.workspace.following import Following
from pressroom.workspace.forget import Forgetting
from pressroom.workspace.forget_receipt import ForgetReceipt, TrainedOn, subject_digest
from pressroom.workspace.pack import PackedModel, pack
from pressroom.workspace.pack_ensemble import pack_ensemble
from pressroom.workspace.plan import Plan, Step, evolution, plan
from pressroom.workspace.promote import Promotion
from pressroom.workspace.promote_model import PRODUCTION, PromotedModel, promote_model
from pressroom.workspace.settings import Settings, read_settings
from pressroom.workspace.sharing import SAMPLES, Sharing
from pressroom.workspace.spread import spread
from pressroom.workspace.tokens import ROLES, Role, Token, Tokens
from pressroom.workspace.train_table import TableEndpoint, TableHow, TableTraining
from pressroom.workspace.training_run import training_run
from pressroom.workspace.workspace import Workspace, open_workspace

__all__ = [
    "PRODUCTION",
    "ROLES",
    "SAMPLES",
    "Accounts",
    "BadDefinitions",
    "BadSettings",
    "Board",
    "Chores",
    "Definitions",
    "Demotion",
    "FeatureCost",
    "Following",
    "ForgetReceipt",
    "Forgetting",
    "NoWorkspace",
    "NotPromoted",
    "PackedModel",
    "Place",
    "Plan",
    "PromotedModel",
    "Promotion",
    "Report",
    "Role",
    "Settings",
    "Sharing",
    "Span",
    "Step",
    "StillThere",
    "StillUsed",
    "TableEndpoint",
    "TableHow",
    "TableTraining",
    "Token",
    "Tokens",
    "TrainedOn",
    "UnknownEntity",
    "UnknownView",
    "Workspace",
    "definitions_of",
    "drain_node",
    "endpoint",
    "evolution",
    "experiment",
    "find_node",
    "gather",
    "load_definitions",
    "nodes_of",
    "open_workspace",
    "pack",
    "pack_ensemble",
    "plan",
    "promote_model",
    "read_settings",
    "spread",
    "subject_digest",
    "training_run",
]
