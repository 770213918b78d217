"""`pressroom control`: facts in over HTTP, until it is told to stop."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, tell
from pressroom.doors.control import control
from pressroom.workspace import open_workspace


def control_command(
    *,
    host: Annotated[
        str | None, typer.Option(help="Listen here; without it, as [control] in pressroom.toml says.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Listen on this port; likewise.")] = None,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Take facts in over HTTP until SIGTERM or Ctrl-C. A batch is kept once, and durable before it is acknowledged.

    Bodies are JSON, JSON lines, CSV, Arrow or Parquet, as their content type says.

    Example:
      pressroom control --port 7078
      curl -H 'content-type: text/csv' --data-binary @samples/ordered.csv \\
        'localhost:7078/v1/facts/ordered?source=shop&batch=monday&known=event'
    """
    with open_workspace(folder) as workspace:
        told, facts = workspace.settings.control, workspace.catalog.names("fact")
    url = f"{'https' if told.tls_cert else 'http'}://{host or told.host}:{port or told.port}"
    if as_json:
        print_json({"url": url, "facts": facts})
    tell(f"Taking in {', '.join(facts) or 'no fact yet'} on {url}. Stop with Ctrl-C.")
    control(folder, host=host, port=port)
