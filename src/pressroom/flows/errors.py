"""What can go wrong with flows.

PressroomError
├── InvalidInput ── BadFlow        a flow or step that can't be: its file, its parameters, what it hands on
├── NotFound ──┬─── UnknownRun     a run, attempt or step that nothing was written down about
│              └─── UnknownSchedule  no flow of this name has a schedule
├── Conflict ────── BackfillGoesOn   somebody else fills the periods of the same flow
└── Refused ──┬──── StepFailed     a step that could not be done: which, at which line, what to do
              ├──── BudgetSpent    a budget that the run draws on is spent
              ├──── NotMadeYet     what a plan can't look at, because only running makes it
              └──── Cancelled      the run was stopped from outside
"""

from pressroom.values import Conflict, InvalidInput, NotFound, Refused


class BadFlow(InvalidInput):
    """A flow or step that can't be."""


class UnknownRun(NotFound):
    """Nothing was written down about it."""


class UnknownSchedule(NotFound):
    """No flow of this name has a schedule."""


class BackfillGoesOn(Conflict):
    """Somebody else fills the periods of the same flow."""


class StepFailed(Refused):
    """A step could not be done."""


class BudgetSpent(Refused):
    """A budget that the run draws on is spent."""


class NotMadeYet(Refused):
    """Only running makes it."""


class Cancelled(Refused):
    """The run was stopped from outside."""
