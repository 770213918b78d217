"""`pressroom train`: a training set or a table, its baseline, the candidates, and what a point of quality costs."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, AsOf, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table, tell
from pressroom.doors.cli.progress import bars
from pressroom.doors.cli.report import best_of, report_rows
from pressroom.doors.cli.train_table import train_on_table
from pressroom.training import Candidate, Trained, gradient_boosting, logistic
from pressroom.values import Instant, format_instant
from pressroom.workspace import TableHow, open_workspace

_WHAT = "A training set of the definitions; with --target, a file (CSV, Parquet, Arrow, JSON lines), a fact type ..."
_TARGET = "Train on a table: this column is what is predicted."
_NAME = "What all that comes of a table is called; without it, as the table."
_TIME = "The column with each row's instant: the past teaches, what came later judges."
_ENTITY = "The column that says whom a row is about: nobody's rows are on both sides."
_KNOWN = "COLUMN=INSTANTS: the column INSTANTS says when COLUMN was known. Give it as often as needed."
_KEEP = "Learn from this column, whatever was found about it. Give it as often as needed."
_SECONDS = "How long the models of a table may be fitted, together."
_ZONE = "The zone that instants without one are local to: Europe/Paris."
_PURPOSE = "What the answers are for, as policy knows it."
_REPORT = "Where the report page of a table goes; without it, to NAME.html in the workspace."


def train_command(  # noqa: PLR0913  (one for each option)
    name: Annotated[str, typer.Argument(metavar="NAME", help=_WHAT)],
    *,
    target: Annotated[str, typer.Option(metavar="COLUMN", help=_TARGET, show_default=False)] = "",
    called: Annotated[str, typer.Option("--name", metavar="NAME", help=_NAME, show_default=False)] = "",
    time: Annotated[str, typer.Option(metavar="COLUMN", help=_TIME, show_default=False)] = "",
    entity: Annotated[str, typer.Option(metavar="COLUMN", help=_ENTITY, show_default=False)] = "",
    known_at: Annotated[list[str], typer.Option(metavar="COLUMN=INSTANTS", help=_KNOWN, show_default=False)] = [],  # noqa: B006
    keep: Annotated[list[str], typer.Option(metavar="COLUMN", help=_KEEP, show_default=False)] = [],  # noqa: B006
    zone: Annotated[str | None, typer.Option(help=_ZONE)] = None,
    seconds: Annotated[float, typer.Option(min=1.0, help=_SECONDS)] = 120.0,
    purpose: Annotated[str, typer.Option(help=_PURPOSE)] = "operations",
    report: Annotated[Path | None, typer.Option(metavar="FILE", help=_REPORT, show_default=False)] = None,
    as_of: AsOf = None,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Train a baseline and candidates on a training set or a table, and set them side by side.

    Of a training set, the candidates are a logistic regression (where scikit-learn is installed) and gradient boosting
    (LightGBM). With --as-of, only what was known by then is learned from. What takes more than [training] memory is
    worked out by buckets on the disk; cut short, it goes on where it was when the command is given again.

    Of a table, nothing has to be declared: with --target, columns that give the answer away are left out, a linear
    model, trees and a small network are compared, and the simplest good one can be pushed. A page tells the rest.

    Example:
      pressroom train late_delivery
      pressroom train customers.csv --target churned --time signed_up
    """
    if target:
        if as_of is not None:
            raise typer.BadParameter("a table is as it is; give --as-of with a training set", param_hint="--as-of")
        how: TableHow = {
            "name": called, "time": time, "entity": entity, "known_at": tuple(known_at), "keep": tuple(keep),
            "zone": zone, "seconds": seconds, "purpose": purpose,
        }  # fmt: skip
        train_on_table(name, target, how, report=report, folder=folder, as_json=as_json)
        return
    _refuse_table_options(
        {"--name": called, "--time": time, "--entity": entity, "--known-at": known_at, "--keep": keep,
         "--zone": zone, "--report": report}
    )  # fmt: skip
    _train_on_set(name, as_of, folder, as_json=as_json)


def _refuse_table_options(options: Mapping[str, object]) -> None:
    for option, value in options.items():
        if value:
            raise typer.BadParameter("is about a table: say what to predict with --target COLUMN", param_hint=option)


def _train_on_set(name: str, as_of: Instant | None, folder: Path, *, as_json: bool) -> None:
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
