"""`pressroom trust`: an owner signs for a model that is code."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines
from pressroom.values import format_instant
from pressroom.workspace import open_workspace


def trust_command(
    model: Annotated[str, typer.Argument(metavar="MODEL@DIGEST", help="One package of a model, by its digest.")],
    *,
    by: Annotated[str, typer.Option(metavar="OWNER", help="Who signs: the model's owner.")],
    why: Annotated[str, typer.Option(help="Why; written down.", show_default=False)] = "",
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Sign for a model that is kept as code. Until then nobody loads it; then it runs in an isolated process.

    Example:
      pressroom trust rules@4f1c9a02be17 --by ann --why "read it line by line"
    """
    with open_workspace(folder) as workspace:
        entry, trust = workspace.models.sign(model, by=by, why=why)
    if as_json:
        print_json(
            {
                "model": entry.name,
                "version": entry.version,
                "digest": entry.digest,
                "by": trust.by,
                "at": format_instant(trust.at),
                "why": trust.why,
            }
        )
        return
    print_lines(f"{trust.by} signed for {entry.name} {entry.version} ({entry.digest[:12]}).")
