"""`pressroom board`: what costs most, and what was spent for nothing, with names."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from pressroom.costs import Dimension
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.doors.report import board_page
from pressroom.workspace import Board, FeatureCost, Place, Workspace, open_workspace

_SHOWN = 10
_PAGE = "Also write it as an HTML page: one file, with its pictures in it."
_BY: tuple[Dimension, ...] = ("team", "flow", "model", "step")


def board_command(
    *,
    page: Annotated[Path | None, typer.Option(help=_PAGE, metavar="FILE", show_default=False)] = None,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Show features that nobody reads, then flows by what they cost and by what of that was waste: repeated, lost, or
    preempted; each with its owners.

    Example:
      pressroom board
      pressroom board --page board.html
    """
    with open_workspace(folder) as workspace:
        board = workspace.accounts.board(workspace.views())
        if page is not None:
            page.write_text(_drawn(workspace, board), encoding="utf-8")
    if as_json:
        print_json(board)
        return
    if board.unread:
        print_table(
            ("feature nobody reads", "owner", "kept, KB>", "USD in 30 days>"),
            [_feature(each) for each in board.unread[:_SHOWN]],
        )
    if board.by_cost:
        print_table(("flow, by cost", "owners", "USD>", "waste>", "saved by cache>"), _costs(board.by_cost[:_SHOWN]))
    if board.by_waste:
        rows = [
            (each.flow, _names(each.owners), *(f"{usd:.3g}" for usd in _waste(each)))
            for each in board.by_waste[:_SHOWN]
        ]
        print_table(("flow, by waste", "owners", "waste USD>", "repeated>", "lost>", "preempted>"), rows)
    read = [each for each in board.features if each.readers]
    if read:
        rows = [(*_feature(each), ", ".join(each.readers)) for each in read[:_SHOWN]]
        print_table(("feature, by cost", "owner", "kept, KB>", "USD in 30 days>", "readers"), rows)
    if not (board.by_cost or board.features):
        print_lines("Nothing was used yet, and there are no features.")
    if page is not None:
        print_lines(f"The same as a page, by team, flow, model, step and day: {page}")


def _drawn(workspace: Workspace, board: Board) -> str:
    return board_page(
        board,
        statements={by: workspace.accounts.statement(by=by)[0] for by in _BY},
        days=workspace.accounts.by_day(),
        now=workspace.ports.clock.now(),
    )


def _feature(each: FeatureCost) -> tuple[str | None, ...]:
    return (each.feature, each.owner or None, f"{each.stored_bytes / 1e3:.1f}", f"{each.usd():.3g}")


def _costs(places: Sequence[Place]) -> list[tuple[str | None, ...]]:
    return [
        (each.flow, _names(each.owners), f"{each.usd:.3g}", f"{each.waste_usd:.3g}", f"{each.saved_usd:.3g}")
        for each in places
    ]


def _names(owners: Sequence[str]) -> str | None:
    return ", ".join(owners) or None


def _waste(place: Place) -> tuple[float, ...]:
    return (place.waste_usd, place.repeated_usd, place.lost_usd, place.preempted_usd)
