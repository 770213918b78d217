"""Candidates: the baseline, and each learner's model with its codings and its calibration, under a meter."""

from dataclasses import dataclass

import numpy as np

from pressroom.costs import Meter, Usage
from pressroom.models import (
    TOLERANCE,
    Coding,
    Floats,
    MeanBy,
    Signature,
    TableCard,
    TableModel,
    adapter_for,
    encoded,
    framework,
)
from pressroom.stats import Calibration
from pressroom.training.tables.codings import codings_for_numbers, codings_for_trees
from pressroom.training.tables.correct import corrected
from pressroom.training.tables.learner import Learner, Rows, Told
from pressroom.training.tables.prepare import Prepared
from pressroom.values import FieldSchema

_FEW_TEXTS = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A fitted model. `answers` are what it says of the validation part, each row corrected by other rows; `raw` is the
    model before its chances were corrected.
    """

    name: str
    words: str
    learnt: str
    model: object
    raw: object
    signature: Signature
    calibration: Calibration
    answers: Floats
    usage: Usage
    tolerance: float = TOLERANCE


def baseline_of(prepared: Prepared) -> Candidate:
    """The mean target by the text column that tells most alone, or of all rows where there is none; of several classes
    their shares.
    """
    if prepared.task.kind == "several classes":
        return _shares(prepared)
    keys = _best_text(prepared)
    signature = Signature(inputs=keys or _fields(prepared)[:1], output=prepared.task.output())
    train = prepared.parts.train()
    with Meter() as meter:
        names = tuple(field.name for field in keys)
        model = MeanBy(keys=names).fit(prepared.taken(train), prepared.y[train])
    words = f"mean {prepared.task.target} by {keys[0].doc or keys[0].name}" if keys else "one mean for all rows"
    return _uncalibrated(model, signature, prepared, words=words, learnt=f"{len(model.means):,} means", meter=meter)


def candidate_of(learner: Learner, prepared: Prepared, *, until: float, told: Told) -> Candidate:
    """Fit a learner until its time is over, and correct its chances. Raises what its framework or adapter refuses."""
    for module in learner.needs:
        framework(module)
    task, parts = prepared.task, prepared.parts
    with Meter() as meter:
        if learner.trees:
            codings = codings_for_trees(prepared.columns, prepared.inputs, parts.learn, _time(prepared), prepared.y)
        else:
            codings = codings_for_numbers(prepared.columns, prepared.inputs, parts.learn, _time(prepared))
        rows = Rows(
            task=task,
            x=encoded(codings, prepared.taken(parts.learn)),
            y=prepared.y[parts.learn],
            stop_x=encoded(codings, prepared.taken(parts.stop)),
            stop_y=prepared.y[parts.stop],
            until=until,
            told=told,
        )
        learnt = learner.fit(rows)
    card = TableCard(
        codings=codings,
        calibration=Calibration(),
        inner=adapter_for(learnt.fitted).kind,
        margin=learnt.margin,
        outputs=task.outputs(),
    )
    raw = TableModel(card=card, fitted=learnt.fitted)
    signature = Signature(inputs=_fields(prepared), output=task.output())
    calibration, answers = corrected(
        task, prepared.y[parts.calibrate], answers_of(raw, signature, prepared, "calibrate")
    )
    return Candidate(
        name=learner.name,
        words=learner.words,
        learnt=learnt.words,
        model=raw.corrected_by(calibration),
        raw=raw,
        signature=signature,
        calibration=calibration,
        answers=answers,
        usage=meter.usage,
        tolerance=learnt.tolerance,
    )


def answers_of(model: object, signature: Signature, prepared: Prepared, part: str) -> Floats:
    """What a model in memory says of a part, "calibrate" or "test"."""
    rows = prepared.parts.calibrate if part == "calibrate" else prepared.parts.test
    return adapter_for(model).original(model, signature, prepared.taken(rows))


def _shares(prepared: Prepared) -> Candidate:
    """The share of each class, whatever the row: a logistic regression of nothing, which is data like the others."""
    linear = framework("sklearn.linear_model")
    train = prepared.parts.train()
    first = prepared.columns[0]
    with Meter() as meter:
        y = prepared.y[train]
        fitted = linear.LogisticRegression(C=1.0, max_iter=200).fit(np.zeros((len(y), 1)), y)
        counts = np.bincount(y.astype(np.int64), minlength=len(prepared.task.classes))
        fitted.coef_ = np.zeros_like(fitted.coef_)
        fitted.intercept_ = np.log(counts / counts.sum())
    texts = first.field().type == "string"
    card = TableCard(
        codings=(_nothing(first.name, texts=texts),),
        calibration=Calibration(),
        inner="sklearn",
        outputs=prepared.task.outputs(),
    )
    model = TableModel(card=card, fitted=fitted)
    signature = Signature(inputs=_fields(prepared)[:1], output=prepared.task.output())
    said = "the share of each class"
    return _uncalibrated(model, signature, prepared, words=said, learnt=f"{len(counts)} shares", meter=meter)


def _uncalibrated(
    model: object, signature: Signature, prepared: Prepared, *, words: str, learnt: str, meter: Meter
) -> Candidate:
    """A baseline as a candidate: its answers are shares and means already."""
    return Candidate(
        name="baseline",
        words=words,
        learnt=learnt,
        model=model,
        raw=model,
        signature=signature,
        calibration=Calibration(),
        answers=answers_of(model, signature, prepared, "calibrate"),
        usage=meter.usage,
    )


def _nothing(name: str, *, texts: bool) -> Coding:
    if texts:
        return Coding(input=name, way="texts", table=((0.0,),))
    return Coding(input=name, way="number", fill=0.0, scale=0.0)


def _best_text(prepared: Prepared) -> tuple[FieldSchema, ...]:
    texts = [one for one in prepared.columns if one.kind == "category" and one.distinct <= _FEW_TEXTS]
    if not texts:
        return ()
    best = max(texts, key=lambda one: prepared.told_alone[one.given].value)
    return (best.field(),)


def _fields(prepared: Prepared) -> tuple[FieldSchema, ...]:
    return tuple(column.field() for column in prepared.columns)


def _time(prepared: Prepared) -> str:
    """The field of the time column, where it is an input."""
    named = prepared.roles.time
    return next((column.name for column in prepared.columns if column.given == named), "")
