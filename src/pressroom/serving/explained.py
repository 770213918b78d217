"""Explanations of answers, while the asker waits: what each input did, in numbers and in words."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from pressroom.models import Explainer, Explanation, Inputs, LoadedModel, sentences
from pressroom.serving.answers import Piece
from pressroom.serving.errors import DeadlinePassed, NotExplainable
from pressroom.values import Digest, PressroomError

MOST_EXPLAINED = 100
"""Rows of one request: an explanation costs a hundred answers and more."""

_SHARE = 0.8
"""The part of the time that is left which a method may take; the rest is for putting it into words."""

_ENOUGH_S = 2.0
Explainers = Callable[[LoadedModel], Explainer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Why one row was answered as it was: `base` and the `values` by input add up to `score`.

    `space` says what the score is: "raw" (before the model's link: log-odds for chances) or "answer". `effects` say by
    how much each input moved the answer itself, `error` is a standard error, 0 where values are exact. `sentences` say
    it in the words and units of the features.
    """

    method: str
    space: str
    base: float
    score: float
    values: dict[str, float]
    error: dict[str, float]
    effects: dict[str, float]
    sentences: list[str]


def explain_piece(
    piece: Piece, explainer_of: Callable[[Digest], Explainer | None], until_ns: int | None
) -> list[Explained | None]:
    """Each row of a request explained by the model that answered it; None for rows that a constant answered.

    Methods that sample stop with the time, `until_ns` (perf_counter). Raises DeadlinePassed where none is left,
    NotExplainable where a model can't be explained.
    """
    answers, found = piece.answers, list[Explained | None]([None] * (piece.stop - piece.start))
    by_model: dict[Digest, list[int]] = {}
    for place in range(piece.start, piece.stop):
        by_model.setdefault(answers.routes[place].digest, []).append(place)
    for digest, places in by_model.items():
        explainer = explainer_of(digest)
        if explainer is None:
            continue
        inputs = answers.asked.inputs(explainer.signature, places)
        told = _explain(explainer, inputs, _left_s(until_ns))
        for row, place in enumerate(places):
            found[place - piece.start] = _row(told, inputs, row)
    return found


def _left_s(until_ns: int | None) -> float:
    if until_ns is None:
        return _ENOUGH_S
    left_s = (until_ns - time.perf_counter_ns()) / 1e9
    if left_s <= 0:
        raise DeadlinePassed(
            "The answer is there, but no time is left to explain it.", next_step="Wait longer, or leave out `explain`."
        )
    return min(_ENOUGH_S, _SHARE * left_s)


def _explain(explainer: Explainer, inputs: Inputs, within_s: float) -> Explanation:
    try:
        return explainer.explain(inputs, within_s=within_s)
    except PressroomError:
        raise
    except Exception as error:
        raise NotExplainable(
            f"The model can't explain its answer: {type(error).__name__}: {error}.", next_step="Leave out `explain`."
        ) from error


def _row(told: Explanation, inputs: Inputs, row: int) -> Explained:
    parts = told.contributions
    return Explained(
        method=parts.method,
        space=parts.space,
        base=float(parts.base[row]),
        score=float(parts.scores()[row]),
        values=dict(zip(parts.names, parts.values[row].tolist(), strict=True)),
        error=dict(zip(parts.names, parts.error[row].tolist(), strict=True)),
        effects=dict(zip(parts.names, told.effects()[row].tolist(), strict=True)),
        sentences=sentences(told, inputs, row),
    )
