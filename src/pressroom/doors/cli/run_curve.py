"""`pressroom run-curve`: how a training goes."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from pressroom.doors.cli.flows import RunName
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.flows import ProgressNote, Standing
from pressroom.values import format_instant
from pressroom.workspace import open_workspace

_SHOWN = 20
_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 60


def run_curve_command(
    run: RunName,
    metric: Annotated[str, typer.Argument(metavar="METRIC", help="The one to draw.")] = "loss",
    *,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Show how the steps of a run stand that tell how they go, a metric as a line, and what they survived.

    Example:
      pressroom run-curve nightly-7d2ee9b50002 loss
    """
    with open_workspace(folder) as workspace:
        notes = workspace.flows.progress(run)
        stands = workspace.flows.standings(run)[run]
        state = next(note.state for _, note in workspace.flows.runs() if note.run == run)
        now = workspace.ports.clock.now()
    if as_json:
        print_json(
            {
                "run": run,
                "state": state,
                "standings": [_standing(each) for each in stands],
                "progress": [_document(note) for note in notes],
            }
        )
        return
    if not notes:
        print_lines(f"No step of {run} told how it goes.")
        return
    print_lines(f"{run}: {state}", *(each.words(now) for each in stands))
    print_lines(*(f"{each.step} had trouble: {each.trouble}" for each in stands if each.trouble))
    measured = [note for note in notes if note.kind == "measured"]
    values = [value for note in measured if (value := _figures(note).get(metric)) is not None]
    if values:
        print_lines(f"{metric}: {_line(values)}  {values[0]:.4g} to {values[-1]:.4g}")
    # Starts and troubles are few, and say most: they are shown however long they are ago.
    told = [note for note in notes[:-_SHOWN] if note.kind not in ("measured", "saved")]
    rows = [
        (format_instant(note.at), note.attempt, note.kind, note.tick, note.epoch, note.words or _words(note))
        for note in (*told[-_SHOWN:], *notes[-_SHOWN:])
    ]
    print_table(("at", "attempt", "what", "tick>", "epoch>", "figures"), rows)


def _figures(note: ProgressNote) -> dict[str, float | None]:
    found: dict[str, float | None] = json.loads(note.figures)
    return found


def _words(note: ProgressNote) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in _figures(note).items() if value is not None)


def _line(values: Sequence[float]) -> str:
    """So many of them, evenly taken, as bars between the least and the most."""
    taken = [values[place * len(values) // _WIDTH] for place in range(_WIDTH)] if len(values) > _WIDTH else values
    low, high = min(taken), max(taken)
    steps = len(_BARS) - 1
    return "".join(_BARS[round((value - low) / (high - low) * steps) if high > low else 0] for value in taken)


def _standing(standing: Standing) -> dict[str, object]:
    saved_at = format_instant(standing.saved_at) if standing.saved_at else None
    return {**asdict(standing), "heard": format_instant(standing.heard), "saved_at": saved_at}


def _document(note: ProgressNote) -> dict[str, object]:
    return {
        "at": format_instant(note.at),
        "attempt": note.attempt,
        "step": note.step,
        "kind": note.kind,
        "tick": note.tick,
        "epoch": note.epoch,
        "figures": _figures(note),
        "words": note.words,
    }
