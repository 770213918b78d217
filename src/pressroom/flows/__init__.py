"""Work in steps, with memory: each step is metered and written down, and what was made once is not made again.

Here live steps and flows, the keys by which results are used again, runs and their records. Where an attempt runs is
the executor's business; what a step does is its author's.
"""

from pressroom.flows.attempt_facts import FLOW_RUN, RUN_PROGRESS, STEP_ATTEMPT, AttemptNote, ProgressNote, RunNote
from pressroom.flows.attempt_place import AttemptPlace, attempt_place, placed
from pressroom.flows.backfill.backfilling import Backfilling, PeriodEnd
from pressroom.flows.backfill.hands import Hand, PeriodTold
from pressroom.flows.backfill.period_record import PeriodRecord, PeriodRecords
from pressroom.flows.backfill.plan_periods import PeriodPlan
from pressroom.flows.backfill.work_period import PeriodTools, work_period
from pressroom.flows.backfills import Backfills
from pressroom.flows.calls import Call
from pressroom.flows.check.finding import Finding
from pressroom.flows.encoded import Encoded, decode, encode
from pressroom.flows.errors import (
    BadFlow,
    BudgetSpent,
    Cancelled,
    NotMadeYet,
    StepFailed,
    UnknownRun,
    UnknownSchedule,
)
from pressroom.flows.estimate import Estimate, estimate
from pressroom.flows.flow import Flow, as_flow, flow
from pressroom.flows.journal import Journal, JournalKind, JournalLine, read_journal
from pressroom.flows.load_flow import find_in, load_module
from pressroom.flows.made import Made
from pressroom.flows.money import Money
from pressroom.flows.places import Places
from pressroom.flows.planning import FlowPlan, Planned
from pressroom.flows.progress import Progress, progress, read_progress, telling_to
from pressroom.flows.put_away import state_is_safe, work_in
from pressroom.flows.run import Run, start_run
from pressroom.flows.runner import ENTRY, PREPARE
from pressroom.flows.schedule import Schedule, cron, interval, when
from pressroom.flows.schedules import Schedules, ScheduleStatus
from pressroom.flows.scheduling.arrivals import Arrivals
from pressroom.flows.scheduling.cursor import Cursors
from pressroom.flows.scheduling.declared import Files
from pressroom.flows.scheduling.lease import Lease
from pressroom.flows.scheduling.outbox import Outbox
from pressroom.flows.scheduling.scheduler import Launched, Look, Means, Scheduler
from pressroom.flows.scheduling.ticks import Tick, Ticks
from pressroom.flows.service import FlowResult, Flows
from pressroom.flows.standing import Standing
from pressroom.flows.step import Step, step
from pressroom.flows.sweep import KEEP_UNFINISHED_US, Swept
from pressroom.flows.turns import Turn, Turns, floor_of

__all__ = [
    "ENTRY",
    "FLOW_RUN",
    "KEEP_UNFINISHED_US",
    "PREPARE",
    "RUN_PROGRESS",
    "STEP_ATTEMPT",
    "Arrivals",
    "AttemptNote",
    "AttemptPlace",
    "Backfilling",
    "Backfills",
    "BadFlow",
    "BudgetSpent",
    "Call",
    "Cancelled",
    "Cursors",
    "Encoded",
    "Estimate",
    "Files",
    "Finding",
    "Flow",
    "FlowPlan",
    "FlowResult",
    "Flows",
    "Hand",
    "Journal",
    "JournalKind",
    "JournalLine",
    "Launched",
    "Lease",
    "Look",
    "Made",
    "Means",
    "Money",
    "NotMadeYet",
    "Outbox",
    "PeriodEnd",
    "PeriodPlan",
    "PeriodRecord",
    "PeriodRecords",
    "PeriodTold",
    "PeriodTools",
    "Places",
    "Planned",
    "Progress",
    "ProgressNote",
    "Run",
    "RunNote",
    "Schedule",
    "ScheduleStatus",
    "Scheduler",
    "Schedules",
    "Standing",
    "Step",
    "StepFailed",
    "Swept",
    "Tick",
    "Ticks",
    "Turn",
    "Turns",
    "UnknownRun",
    "UnknownSchedule",
    "as_flow",
    "attempt_place",
    "cron",
    "decode",
    "encode",
    "estimate",
    "find_in",
    "floor_of",
    "flow",
    "interval",
    "load_module",
    "placed",
    "progress",
    "read_journal",
    "read_progress",
    "start_run",
    "state_is_safe",
    "step",
    "telling_to",
    "when",
    "work_in",
    "work_period",
]
