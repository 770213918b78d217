"""`pressroom train`: a training set, its baseline, the candidates, and what a point of quality costs."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, AsOf, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table, tell
from pressroom.doors.cli.progress import bars
from pressroom.doors.cli.report import best_of, report_rows
from pressroom.training import Candidate, Trained, gradient_boosting, logistic
from pressroom.values import Instant, format_instant
from pressroom.workspace import open_workspace


def train_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A training set of the definitions.")],
    *,
    as_of: AsOf = None,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Build a training set, train its baseline and the candidates on it, and set them side by side.

    The candidates are a logistic regression (where scikit-learn is installed) and gradient boosting (LightGBM).
    With --as-of, only what was known by then is learned from. What takes more than [training] memory is worked out
    by buckets on the disk; cut short, it goes on where it was when the command is given again.

    Example:
      pressroom train late_delivery
    """
    with open_workspace(folder) as workspace:
        definitions = workspace.definitions()
        definition = definitions.training_set(name)
        known_at = _begun(workspace.training.begun(definition)) if as_of is None else as_of
        known_at = workspace.ports.clock.now() if known_at is None else known_at
        run = workspace.start_run("train", team=definition.owner)
        with bars() as progress:
            trained = workspace.training.train(
                definition,
                _candidates(),
                run=run,
                known_at=known_at,
                told=lambda step: tell(f"{step} ..."),
                progress=progress,
            )
    endpoints = [endpoint.name for endpoint in definitions.endpoints.values() if endpoint.training_set == name]
    if as_json:
        print_json(_document(trained, run.name, known_at, endpoints))
        return
    first = trained.models[0].evaluation
    print_lines(
        f"{name}: {trained.training_set.rows:,} rows, known at {format_instant(known_at)}; judged on "
        f"{first.n:,} of them, {first.positives:,} positive."
    )
    names = [model.candidate() for model in trained.models]
    print_table(("", *(f"{name}>" for name in names)), report_rows(trained.models))
    print_lines(*_next_steps(trained, run.name, endpoints))


def _begun(known_at: Instant | None) -> Instant | None:
    """The instant of a training set that was begun and cut short, having said so."""
    if known_at is not None:
        tell(f"Going on with the training set that was begun as known at {format_instant(known_at)} ...")
    return known_at


def _candidates() -> list[Candidate]:
    """The built-in candidates whose framework is installed."""
    found = [logistic()] if find_spec("sklearn") else []
    if find_spec("lightgbm"):
        found.append(gradient_boosting())
    if not found:
        tell("Only the baseline is trained: pip install 'pressroom[sklearn]' or 'pressroom[lightgbm]' for candidates.")
    return found


def _next_steps(trained: Trained, run: str, endpoints: Sequence[str]) -> list[str]:
    best = best_of(trained.models).candidate()
    lines = [f"Best by AUC: {best}."]
    lines += [
        f"{one.packed.package.name} {one.version}: {one.report.words()}" for one in trained.released if one.moved()
    ]
    lines += [f"{one.packed.package.name}: {broken}." for one in trained.released for broken in one.breaks]
    lines += [f"Let it answer: pressroom push {endpoint} --model {best}" for endpoint in endpoints]
    return [*lines, f"What it cost: pressroom bill --run {run}"]


def _document(trained: Trained, run: str, known_at: Instant, endpoints: Sequence[str]) -> dict[str, object]:
    return {
        "training_set": trained.training_set.name,
        "digest": trained.training_set.digest,
        "rows": trained.training_set.rows,
        "known_at": format_instant(known_at),
        "run": run,
        "models": [model.document() for model in trained.models],
        "best": best_of(trained.models).name,
        "endpoints": endpoints,
        "versions": [
            {
                "model": one.packed.package.name,
                "version": str(one.version),
                "rule": one.report.rule,
                "reason": one.reason,
                "moved": one.report.moved,
                "breaks": one.breaks,
                "serves_as": one.packed.package.form,
                "why": one.packed.package.why,
            }
            for one in trained.released
        ],
    }
