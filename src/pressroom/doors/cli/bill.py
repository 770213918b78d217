"""`pressroom bill`: what was used, by whom, and what that cost."""

import csv
from pathlib import Path
from typing import Annotated, Literal

import typer

from pressroom.costs import DIMENSIONS, FOCUS_COLUMNS, KINDS, USAGE, Dimension, Entry, Idle, Statement, focus_rows
from pressroom.doors.cli.failures import NothingSo
from pressroom.doors.cli.options import HERE, Folder, Json, reading
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.facts import did_you_mean
from pressroom.values import Instant, parse_instant
from pressroom.workspace import Span, Workspace, open_workspace

_MIB = 1 << 20
_When = typer.Option(parser=reading(parse_instant), metavar="INSTANT", help="ISO 8601, with a zone.")


def bill_command(  # noqa: PLR0913  (one for each option)
    *,
    by: Annotated[
        Literal["step", "team", "flow", "model", "tier", "run", "kind"], typer.Option(help="A line for each.")
    ] = "step",
    run: Annotated[str, typer.Option(help="Of this run only; `train` says its name.", show_default=False)] = "",
    since: Annotated[Instant | None, _When] = None,
    until: Annotated[Instant | None, _When] = None,
    book: Annotated[
        str, typer.Option(help="All under this price book, not that of each day.", show_default=False)
    ] = "",
    focus: Annotated[Path | None, typer.Option(help="Write rows in FOCUS columns to this CSV file.")] = None,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Show what was used and what that cost, each charge by the price book of its day: the larger of asked and used.

    Example:
      pressroom bill --run train-1a2b3c4d5e6f
      pressroom bill --by team --since 2025-03-01T00:00Z --focus march.csv
    """
    span = Span(since=since, until=until)
    with open_workspace(folder) as workspace:
        if run:
            _check_run(workspace, run)
        found, idle = workspace.accounts.statement(by=_dimension(by), run=run, span=span, book=book)
        if focus is not None:
            _write_focus(workspace, focus, run=run, span=span)
    if as_json:
        print_json({"run": run or None, "bill": _document(found, idle)})
        return
    rows = [
        (
            entry.name,
            f"{entry.usage.cpu_s:.2f}",
            f"{entry.usage.wall_s:.2f}",
            _mib(entry.usage.read_bytes),
            _mib(entry.usage.written_bytes),
            f"{entry.usd:.3g}",
            f"{entry.waste_usd():.3g}",
            f"{entry.of('cached'):.3g}",
        )
        for entry in found.entries
    ]
    columns = (by, "CPU s>", "wall s>", "read MiB>", "written MiB>", "USD>", "of it waste>", "saved by cache>")
    print_table(columns, rows)
    books = ", ".join(found.books) or "none was needed"
    print_lines(f"Total: {found.total_usd:.3g} USD, by the price book {books}.")
    if idle is not None:
        print_lines(f"Idle meanwhile: {idle.share:.0%} of the machine, {idle.usd:.3g} USD.")
    if focus is not None:
        print_lines(f"{focus} has the same in FOCUS columns.")


def _mib(size: int | None) -> str | None:
    return None if size is None else f"{size / _MIB:.2f}"


def _dimension(name: str) -> Dimension:
    return next(each for each in DIMENSIONS if each == name)


def _check_run(workspace: Workspace, run: str) -> None:
    runs = workspace.facts.read(USAGE, ["run"])[0].column("run").unique().to_pylist()
    if run not in runs:
        raise NothingSo(f"No run is called {run!r}.", next_step=did_you_mean(run, runs))


def _write_focus(workspace: Workspace, file: Path, *, run: str, span: Span) -> None:
    accounts = workspace.accounts
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, FOCUS_COLUMNS)
        writer.writeheader()
        rows = focus_rows(accounts.charges(run=run, span=span), accounts.book, account=workspace.settings.folder.name)
        writer.writerows(rows)


def _document(found: Statement, idle: Idle | None) -> dict[str, object]:
    return {
        "by": found.by,
        "lines": [_line(entry, found.by) for entry in found.entries],
        "total_usd": found.total_usd,
        "waste_usd": found.waste_usd(),
        "saved_usd": found.saved_usd,
        "books": found.books,
        "idle": idle,
    }


def _line(entry: Entry, by: str) -> dict[str, object]:
    usage = entry.usage
    return {
        by: entry.name,
        "attempts": entry.attempts,
        "cpu_s": usage.cpu_s,
        "asked_cpu_s": entry.asked_cpu_s,
        "wall_s": usage.wall_s,
        "peak_bytes": usage.peak_bytes,
        "memory_byte_s": usage.memory_byte_s,
        "gpu_s": usage.gpu_s,
        "read_bytes": usage.read_bytes,
        "written_bytes": usage.written_bytes,
        "sources": dict(entry.sources),
        "usd": entry.usd,
        **{f"{kind}_usd": entry.of(kind) for kind in KINDS},
    }
