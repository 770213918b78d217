"""What a server answers."""

import msgspec


class Predicted(msgspec.Struct, frozen=True, kw_only=True):
    """One row's answer: who gave it, and how old the newest fact behind each feature was, in seconds.

    `fallback` says why another than the meant model answered; `explanation` what each input contributed, if asked.
    """

    prediction_id: str
    prediction: float
    model: str
    version: str
    digest: str
    variant: str | None = None
    fallback: str | None = None
    ages_s: dict[str, float | None] = {}
    explanation: dict[str, float] | None = None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one request: a prediction for each row, in the order of the rows."""

    endpoint: str
    endpoint_version: int
    predictions: list[Predicted]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What a server says is wrong."""

    message: str
    next_step: str = ""
    field: str = ""
    expected: str = ""


class FaultReply(msgspec.Struct, frozen=True, kw_only=True):
    """The same, as it comes."""

    error: Fault
