"""`pressroom ramp`: an experiment's treatment gets a share."""

import math
from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json, reading
from pressroom.doors.cli.printing import print_json, print_lines
from pressroom.doors.cli.routes import print_pushed, pushed_document
from pressroom.values import InvalidInput
from pressroom.workspace import open_workspace


def parse_share(text: str) -> float:
    """`5%` or `0.05` as 0.05. Refuses what lies outside 0% to 100%; `5` without % is not guessed at."""
    number = text.strip().removesuffix("%")
    try:
        share = float(number) / (100.0 if text.strip().endswith("%") else 1.0)
    except ValueError:
        share = math.nan
    if not 0.0 <= share <= 1.0:
        raise InvalidInput(f"{text!r} is no share.", next_step="Write 5% or 0.05; at most 100%.")
    return share


def ramp_command(
    experiment: Annotated[str, typer.Argument(metavar="EXPERIMENT", help="An experiment of the definitions.")],
    share: Annotated[
        float, typer.Argument(parser=reading(parse_share), metavar="SHARE", help="The treatment's: 5% or 0.05.")
    ],
    *,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Give an experiment's treatment a share of all units, and the control the rest.

    Units keep their variant while the share moves, but for those that the boundary passes over.

    Example:
      pressroom ramp delivery_model 5%
    """
    with open_workspace(folder) as workspace:
        definition = workspace.definitions().experiment(experiment)
        pushed = workspace.experiments.ramp(definition, share)
    if as_json:
        print_json({**pushed_document(pushed), "share": share})
        return
    print_pushed(pushed)
    print_lines(f"What it shows: pressroom readout {experiment}")
