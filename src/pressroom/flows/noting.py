"""Noting: what is written down of an attempt when it ends."""

from pressroom.flows.attempt_facts import AttemptNote
from pressroom.flows.calls import Call
from pressroom.flows.cause import Cause
from pressroom.ports import Ended


def note_of(
    call: Call, *, run: str, state: str, cause: Cause | None, ended: Ended | None, executor: str
) -> AttemptNote:
    """The note of a call's attempt; without `ended` nothing ran."""
    return AttemptNote(
        run=run,
        attempt=call.attempt(),
        step=call.step.name,
        call=call.number,
        state=state,
        reason=call.reason,
        key=call.key.digest() if call.key else "",
        result=call.result.digest if call.result else None,
        cause=cause.of if cause else None,
        evidence=cause.evidence if cause else None,
        where=cause.where if cause else None,
        advice=cause.advice if cause else None,
        wall_s=ended.wall_s if ended else 0.0,
        cpu_s=ended.cpu_s if ended else 0.0,
        peak_bytes=ended.peak_bytes if ended else 0,
        executor=executor if ended else None,
        image=(ended.image or None) if ended else None,
    )
