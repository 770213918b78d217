"""`pressroom preflight`: two minutes before four weeks."""

from pathlib import Path
from typing import Annotated

import typer

from pressroom.doors.cli.failures import NothingSo
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table, tell
from pressroom.training import Preflight, Rung
from pressroom.workspace import open_workspace

_WORDS: dict[Rung, str] = {
    "place": "what is installed, what can be written",
    "data": "every row of the data",
    "memory": "memory, at a quarter and at half of a batch",
    "batch": "one batch: train, keep, kill -9, restore, evaluate, export, predict",
    "learning": "one batch by heart",
    "forecast": "time and money",
}
LongRunName = Annotated[str, typer.Argument(metavar="FILE.py:NAME", help="A file and the long run in it.")]


def preflight_command(long_run: LongRunName, *, folder: Folder = HERE, as_json: Json = False) -> None:
    """Try a long run before it starts: its place, its data, one batch through everything, its memory, time and cost.

    It ends with 1 when something stands against the run.

    Example:
      pressroom preflight ranker.py:ranker
    """
    file, colon, name = long_run.rpartition(":")
    if not colon:
        raise NothingSo(f"{long_run!r} names no long run.", next_step="Write FILE.py:NAME.")
    with open_workspace(folder) as workspace:
        found = workspace.preflight(Path(file), name, told=lambda rung: tell(f"{rung}: {_WORDS.get(rung, '')}"))
    if as_json:
        print_json(_document(found))
    else:
        _print(found)
    if found.refused:
        raise typer.Exit(1)


def _document(found: Preflight) -> dict[str, object]:
    ahead = found.forecast
    return {
        "long_run": found.name,
        "may_start": not found.refused,
        "findings": found.findings,
        "rungs": found.climbed,
        "memory": found.memory,
        "forecast": ahead,
        "baseline": found.baseline,
    }


def _print(found: Preflight) -> None:
    if found.findings:
        rows = [(each.weight, f"{each.rung}/{each.check}", each.where, str(each)) for each in found.findings]
        print_table(("", "check", "where", "what, and what to do"), rows)
    took = sum(each.seconds for each in found.climbed)
    if found.forecast is not None:
        ahead = found.forecast
        print_lines(
            f"It will take {ahead.least_s:,.0f} to {ahead.most_s:,.0f} s, most likely {ahead.seconds:,.0f} s, "
            f"and cost about {ahead.cost:,.4f} by the price book."
        )
    if found.baseline is not None:
        print_lines(f"To beat: {found.baseline.metric} {found.baseline.value:.4f}, by saying the same for every row.")
    verdict = "may start" if not found.refused else "should not start"
    print_lines(f"{found.name} {verdict}: {len(found.climbed)} rungs in {took:.1f} s, {len(found.refused)} refused.")
