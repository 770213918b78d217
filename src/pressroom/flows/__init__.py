"""Work in steps, with memory: each step is metered and written down, and what was made once is not made again.

Here live steps and flows, the keys by which results are used again, runs and their records. Where an attempt runs is
the executor's business; what a step does is its author's.
"""

from pressroom.flows.attempt_facts import FLOW_RUN, RUN_PROGRESS, STEP_ATTEMPT, AttemptNote, ProgressNote, RunNote
from pressroom.flows.attempt_place import AttemptPlace, attempt_place
from pressroom.flows.calls import Call
from pressroom.flows.errors import BadFlow, Cancelled, NotMadeYet, StepFailed, UnknownRun
from pressroom.flows.flow import Flow, flow
from pressroom.flows.journal import Journal, JournalKind, JournalLine, read_journal
from pressroom.flows.load_flow import find_in, load_module
from pressroom.flows.made import Made
from pressroom.flows.planning import FlowPlan, Planned
from pressroom.flows.run import Run, start_run
from pressroom.flows.runner import ENTRY, PREPARE
from pressroom.flows.service import FlowResult, Flows
from pressroom.flows.step import Step, step

__all__ = [
    "ENTRY",
    "FLOW_RUN",
    "PREPARE",
    "RUN_PROGRESS",
    "STEP_ATTEMPT",
    "AttemptNote",
    "AttemptPlace",
    "BadFlow",
    "Call",
    "Cancelled",
    "Flow",
    "FlowPlan",
    "FlowResult",
    "Flows",
    "Journal",
    "JournalKind",
    "JournalLine",
    "Made",
    "NotMadeYet",
    "Planned",
    "ProgressNote",
    "Run",
    "RunNote",
    "Step",
    "StepFailed",
    "UnknownRun",
    "attempt_place",
    "find_in",
    "flow",
    "load_module",
    "read_journal",
    "start_run",
    "step",
]
