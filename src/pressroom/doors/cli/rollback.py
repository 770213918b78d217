"""`pressroom rollback`: the version before answers again."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json
from pressroom.doors.cli.routes import endpoint_document, print_endpoint
from pressroom.workspace import open_workspace


def rollback_command(
    endpoint: Annotated[str, typer.Argument(metavar="ENDPOINT", help="An endpoint that answers.")],
    *,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Let the version of an endpoint before the present one answer again, at once.

    Example:
      pressroom rollback delivery_risk
    """
    with open_workspace(folder) as workspace:
        now = workspace.serving.roll_back(endpoint)
    if as_json:
        print_json(endpoint_document(now))
        return
    print_endpoint(now)
