"""Opens the house: settings, wiring, and what a project declares.

The only room that knows the backends, reads files of settings and looks at the environment. Doors come in through a
`Workspace`; no rule of the trade lives here.
"""

from pressroom.workspace.declare import endpoint, experiment
from pressroom.workspace.definitions import Definitions, gather, load_definitions
from pressroom.workspace.errors import BadDefinitions, BadSettings, NoWorkspace
from pressroom.workspace.plan import Plan, Step, evolution, plan
from pressroom.workspace.settings import Settings, read_settings
from pressroom.workspace.workspace import Workspace, open_workspace

__all__ = [
    "BadDefinitions",
    "BadSettings",
    "Definitions",
    "NoWorkspace",
    "Plan",
    "Settings",
    "Step",
    "Workspace",
    "endpoint",
    "evolution",
    "experiment",
    "gather",
    "load_definitions",
    "open_workspace",
    "plan",
    "read_settings",
]
