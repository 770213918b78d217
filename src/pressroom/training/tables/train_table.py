"""Training on a table: the baseline first, then every learner in its time; compared, picked, judged once, published."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pressroom.catalog import Reference
from pressroom.costs import PriceBook, Usage
from pressroom.features import Progress
from pressroom.flows import Run
from pressroom.models import FrameworkMissing, Packed, ParityBroken, UnsupportedModel, inputs_from_table
from pressroom.training.tables.boosting import boosting
from pressroom.training.tables.candidates import Candidate, answers_of, baseline_of, candidate_of
from pressroom.training.tables.importance import importances
from pressroom.training.tables.learner import Learner
from pressroom.training.tables.linear import linear
from pressroom.training.tables.network import network
from pressroom.training.tables.pick import Contender, pick
from pressroom.training.tables.prepare import Prepared
from pressroom.training.tables.quality import Figure, figures, losses
from pressroom.training.tables.release_table import (
    Desk,
    Lineage,
    freeze_table,
    pack_candidate,
    publish_candidate,
    publish_classes,
)
from pressroom.training.tables.trained_table import Judged, ModelLine, PartLine, TrainedTable
from pressroom.values import InvalidInput, check_name, format_instant

Progressing = Callable[[Progress], None]
LEARNERS = ("linear", "boosting", "network")
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TableWork:
    """What is to be done, and with what: the name of all that comes of it, the learners (the simplest first), how many
    seconds they may fit together, the price book, the run that is metered, and whom to tell how far it is.
    """

    name: str
    run: Run
    prices: PriceBook
    lineage: Lineage
    learners: tuple[str, ...] = LEARNERS
    seconds: float = 120.0
    told: Progressing = lambda progress: None


def train_table(prepared: Prepared, work: TableWork, desk: Desk) -> TrainedTable:
    """Train on prepared rows. The test part is looked at once, by the winner. Raises InvalidInput, UnsupportedModel."""
    check_name(work.name, what="a model")
    fitted, skipped = _fitted(prepared, work)
    with work.run.step("release"):
        frozen = freeze_table(work.name, prepared, work.lineage, desk)
        packed, refused = _packed(fitted, prepared, work, desk)
    kept = [one for one in fitted if one.name in packed]
    y = prepared.y[prepared.parts.calibrate]
    contenders = [Contender(name=one.name, losses=losses(prepared.task, y, one.answers)) for one in kept]
    picked = pick(contenders, prepared.groups_of(prepared.parts.calibrate))
    winner = next(one for one in kept if one.name == picked.winner)
    with work.run.step("publish"):
        lines = [_line(one, packed[one.name], frozen, prepared, work, desk) for one in kept]
        classes = {}
        if prepared.task.kind == "several classes":
            classes = publish_classes(winner, frozen, prepared, work.lineage, desk)
    work.told(Progress(stage="judging", done=0, total=1))
    judged, test = _judge(winner, packed[winner.name], prepared)
    golden = prepared.taken(prepared.parts.calibrate)
    told = importances(
        packed[winner.name].runnable,
        prepared.task,
        {name: golden[name] for name in winner.signature.names()},
        y,
    )
    work.told(Progress(stage="judging", done=1, total=1))
    table = prepared.table
    return TrainedTable(
        name=work.name,
        source=table.source,
        rows=table.rows,
        digest=frozen.digest,
        task=prepared.task,
        split=prepared.parts.words,
        by=prepared.parts.by,
        parts=_part_lines(prepared),
        models=tuple(lines),
        skipped=(*skipped, *refused),
        picked=picked,
        test=test,
        importances=told,
        findings=prepared.findings,
        told_alone=prepared.told_alone,
        drifted=prepared.drifted,
        warnings=prepared.warnings,
        inputs=tuple(column.field() for column in prepared.columns),
        renamed={column.given: column.name for column in table.columns if column.given != column.name},
        judged=judged,
        endpoints=_endpoints(work.name, prepared, classes),
        entity=table.named(prepared.roles.entity).name if prepared.roles.entity else "",
        classes=classes,
        example=_example(prepared),
    )


def learners_of(names: Sequence[str]) -> list[Learner]:
    """The learners called so, the simplest first. Raises InvalidInput for a name that there is not."""
    known = {"linear": linear, "boosting": boosting, "network": network}
    strange = [name for name in names if name not in known]
    if strange:
        raise InvalidInput(f"There is no learner {strange[0]!r}.", next_step=f"Choose among {', '.join(LEARNERS)}.")
    return [known[name]() for name in LEARNERS if name in names]


def _fitted(prepared: Prepared, work: TableWork) -> tuple[list[Candidate], list[tuple[str, str]]]:
    """The baseline and every learner's candidate, and those that are not installed or failed."""
    found, skipped = [baseline_of(prepared)], list[tuple[str, str]]()
    work.run.note("train.baseline", found[0].usage)
    until = time.perf_counter() + work.seconds
    learners = learners_of(work.learners)
    for place, learner in enumerate(learners):
        if not learner.installed():
            skipped.append((learner.name, f"{learner.needs[0]} is not installed"))
            continue
        left = max(until - time.perf_counter(), 0.0) / (len(learners) - place)

        def told(done: int, total: int, name: str = learner.name) -> None:
            work.told(Progress(stage=name, done=done, total=total))

        try:
            one = candidate_of(learner, prepared, until=time.perf_counter() + left, told=told)
        except (FrameworkMissing, UnsupportedModel) as error:
            skipped.append((learner.name, error.message))
            continue
        work.run.note(f"train.{learner.name}", one.usage)
        found.append(one)
    return found, skipped


def _packed(
    fitted: Sequence[Candidate], prepared: Prepared, work: TableWork, desk: Desk
) -> tuple[dict[str, Packed], list[tuple[str, str]]]:
    """The packages by candidate, and the candidates that no form of theirs could serve. The baseline must have one."""
    found, refused = dict[str, Packed](), list[tuple[str, str]]()
    for place, one in enumerate(fitted):
        work.told(Progress(stage="packing", done=place, total=len(fitted)))
        try:
            found[one.name] = pack_candidate(one, f"{work.name}.{one.name}", prepared, work.lineage, desk)
        except (UnsupportedModel, ParityBroken, FrameworkMissing) as error:
            if one.name == "baseline":
                raise
            refused.append((one.name, error.message))
    work.told(Progress(stage="packing", done=len(fitted), total=len(fitted)))
    return found, refused


def _line(
    one: Candidate, packed: Packed, frozen: Reference, prepared: Prepared, work: TableWork, desk: Desk
) -> ModelLine:
    rows = prepared.parts.calibrate
    told = figures(prepared.task, prepared.y[rows], one.answers, prepared.groups_of(rows))
    summary = ((told[0].name.lower(), f"{told[0].value:.4f}"),)
    published = publish_candidate(packed, frozen, work.lineage, desk, summary=summary)
    alone_us = packed.measured.us_per_row_alone
    seconds = alone_us * 1e-6 * _MILLION
    return ModelLine(
        name=one.name,
        full_name=packed.package.name,
        words=one.words,
        learnt=one.learnt,
        calibration=one.calibration.words() if one.name != "baseline" and prepared.task.kind != "number" else "",
        figures=told,
        fit_s=one.usage.wall_s,
        fit_usd=work.prices.price(one.usage).usd,
        us_per_row=alone_us,
        serve_usd=work.prices.price(Usage(cpu_s=seconds, wall_s=seconds)).usd,
        size_bytes=packed.package.size_bytes,
        form=packed.package.form,
        version=str(published.report.version),
        digest=packed.digest,
    )


def _judge(winner: Candidate, packed: Packed, prepared: Prepared) -> tuple[Judged, tuple[Figure, ...]]:
    """The test part, asked of what will serve."""
    rows = prepared.parts.test
    y = prepared.y[rows]
    answers = packed.runnable.predict(inputs_from_table(winner.signature, prepared.arrow(rows)))
    judged = Judged(
        y=y,
        answers=answers,
        raw=answers_of(winner.raw, winner.signature, prepared, "test"),
        instants=None if prepared.instants is None else prepared.instants[rows],
    )
    return judged, figures(prepared.task, y, answers, prepared.groups_of(rows))


def _part_lines(prepared: Prepared) -> tuple[PartLine, ...]:
    parts = prepared.parts
    named = (("train", parts.train()), ("validation", parts.calibrate), ("test", parts.test))
    return tuple(_part(name, rows, prepared) for name, rows in named)


def _part(name: str, rows: "npt.NDArray[np.bool_]", prepared: Prepared) -> PartLine:
    instants = None if prepared.instants is None else prepared.instants[rows]
    return PartLine(
        name=name,
        rows=int(rows.sum()),
        share=float(rows.mean()),
        first=None if instants is None else int(instants.min()),
        last=None if instants is None else int(instants.max()),
        positive=float(prepared.y[rows].mean()) if prepared.task.kind == "yes or no" else None,
    )


def _example(prepared: Prepared) -> dict[str, object]:
    """A row of the validation part as a request brings it."""
    row = prepared.arrow(prepared.parts.calibrate).slice(0, 1)
    found: dict[str, object] = {}
    if prepared.roles.entity:
        entity = prepared.table.named(prepared.roles.entity)
        place = int(prepared.parts.calibrate.argmax())
        found[entity.name] = str(entity.values[place].as_py() or "")
    for column in prepared.columns:
        value = row.column(column.name)[0]
        instant = column.kind == "instant" and value.is_valid
        found[column.name] = format_instant(value.value) if instant else value.as_py()
    return found


def _endpoints(name: str, prepared: Prepared, classes: dict[str, str]) -> tuple[str, ...]:
    if prepared.task.kind == "several classes":
        return tuple(classes.values())
    return (name,)
