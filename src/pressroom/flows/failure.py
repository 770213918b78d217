"""Why a call has no value, in words."""

from pressroom.flows.calls import Call
from pressroom.flows.errors import StepFailed


def failure_of(call: Call) -> StepFailed:
    """Why a call has no value, in words: the step, the cause, the line, and what to try."""
    if not call.failures:
        return StepFailed(
            f"{call.step.name} was {call.state}: {call.reason}.", next_step="Look at what came before it."
        )
    cause = call.failures[-1]
    where = f" at {cause.where}" if cause.where else ""
    tries = f" ({len(call.failures)} attempts)" if len(call.failures) > 1 else ""
    said = cause.evidence.splitlines()[0] if cause.evidence else ""
    return StepFailed(f"{call.step.name} failed{where}{tries}: {cause.of}: {said}", next_step=cause.advice)
