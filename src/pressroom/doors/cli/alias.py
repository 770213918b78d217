"""`pressroom alias`: a name for one version of a model."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines
from pressroom.workspace import open_workspace


def alias_command(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="`ctr`, `ctr@^2`, `ctr@2.1.0` or `ctr@DIGEST`.")],
    alias: Annotated[str, typer.Argument(metavar="ALIAS", help="Such as `production`.")],
    *,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Let an alias mean a version of a model from now on. What was pushed before stays what it is.

    Example:
      pressroom alias late_delivery.logistic@^1 production
    """
    with open_workspace(folder) as workspace:
        entry = workspace.models.name(alias, model)
    if as_json:
        print_json({"model": entry.name, "alias": alias, "version": entry.version, "digest": entry.digest})
        return
    print_lines(f"{entry.name}@{alias} is {entry.version} ({entry.digest[:12]}).")
