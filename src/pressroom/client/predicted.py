"""What a server answers."""

import msgspec


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a row was answered as it was: `base` and the `values` by input add up to `score`.

    `space` says what the score is: "raw", before the model's link (log-odds for chances), or "answer". `effects` say by
    how much each input moved the answer itself; `error` is a standard error, 0 where values are exact.
    """

    method: str
    space: str
    base: float
    score: float
    values: dict[str, float]
    error: dict[str, float]
    effects: dict[str, float]
    sentences: list[str]


class Predicted(msgspec.Struct, frozen=True, kw_only=True):
    """One row's answer: who gave it, and how old the newest fact behind each feature was, in seconds.

    `fallback` says why another than the meant model answered; `explanation` what each input did, if asked.
    """

    prediction_id: str
    prediction: float
    model: str
    version: str
    digest: str
    variant: str | None = None
    fallback: str | None = None
    ages_s: dict[str, float | None] = {}
    explanation: Explanation | None = None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one request: a prediction for each row, in the order of the rows.

    `once` says, if explanations were asked for, what of the models' work was done for entities instead of rows.
    """

    endpoint: str
    endpoint_version: int
    predictions: list[Predicted]
    once: list[str] = []


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What a server says is wrong."""

    message: str
    next_step: str = ""
    field: str = ""
    expected: str = ""


class FaultReply(msgspec.Struct, frozen=True, kw_only=True):
    """The same, as it comes."""

    error: Fault
