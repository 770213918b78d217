"""`pressroom serve`: the prediction server, until it is told to stop."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, tell
from pressroom.doors.inference import serve
from pressroom.workspace import open_workspace


def serve_command(
    *,
    host: Annotated[
        str | None, typer.Option(help="Listen here; without it, as [server] in pressroom.toml says.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65_535, help="Listen on this port; likewise.")] = None,
    grpc: Annotated[
        int | None, typer.Option(min=1, max=65_535, metavar="PORT", help="Speak gRPC on this port too; likewise.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that share the port; likewise.")] = None,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Serve the endpoints of a workspace over HTTP until SIGTERM or Ctrl-C. A push or rollback is noticed at once.

    Over gRPC, clients of the Open Inference Protocol are answered as they are over HTTP at /v2.

    Example:
      pressroom serve --port 7077
      curl -d '{"rows": [...]}' localhost:7077/v1/endpoints/delivery_risk:predict
    """
    with open_workspace(folder) as workspace:
        told, endpoints = workspace.settings.server, workspace.catalog.names("endpoint")
    scheme = "https" if told.tls_cert else "http"
    url = f"{scheme}://{host or told.host}:{port or told.port}"
    number = grpc or told.grpc_port
    also = f"{host or told.host}:{number}" if number else None
    if as_json:
        print_json({"url": url, "endpoints": endpoints} | ({"grpc": also} if also else {}))
    where = f"{url}{f' and gRPC on {also}' if also else ''}"
    tell(f"Serving {', '.join(endpoints) or 'no endpoint yet'} on {where}. Stop with Ctrl-C.")
    serve(folder, host=host, port=port, grpc_port=grpc, workers=workers)
