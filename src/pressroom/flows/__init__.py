"""Work in steps, with memory: each step is metered and written down, and what was made once is not made again.

Here live steps and flows, the keys by which results are used again, runs and their records. Where an attempt runs is
the executor's business; what a step does is its author's.
"""

from pressroom.flows.attempt_facts import FLOW_RUN, STEP_ATTEMPT, AttemptNote, RunNote
from pressroom.flows.calls import Call
from pressroom.flows.errors import BadFlow, BudgetSpent, Cancelled, NotMadeYet, StepFailed, UnknownRun
from pressroom.flows.flow import Flow, flow
from pressroom.flows.load_flow import find_in, load_module
from pressroom.flows.made import Made
from pressroom.flows.money import Money
from pressroom.flows.planning import FlowPlan, Planned
from pressroom.flows.put_away import state_is_safe
from pressroom.flows.run import Run, start_run
from pressroom.flows.runner import ENTRY, PREPARE
from pressroom.flows.service import FlowResult, Flows
from pressroom.flows.step import Step, step
from pressroom.flows.turns import Turn, Turns, floor_of

__all__ = [
    "ENTRY",
    "FLOW_RUN",
    "PREPARE",
    "STEP_ATTEMPT",
    "AttemptNote",
    "BadFlow",
    "BudgetSpent",
    "Call",
    "Cancelled",
    "Flow",
    "FlowPlan",
    "FlowResult",
    "Flows",
    "Made",
    "Money",
    "NotMadeYet",
    "Planned",
    "Run",
    "RunNote",
    "Step",
    "StepFailed",
    "Turn",
    "Turns",
    "UnknownRun",
    "find_in",
    "floor_of",
    "flow",
    "load_module",
    "start_run",
    "state_is_safe",
    "step",
]
