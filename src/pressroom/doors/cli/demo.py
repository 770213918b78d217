"""`pressroom demo`: the whole floor on real flights, once around."""

import signal
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from pressroom.demo import run_demo, running_server
from pressroom.doors.cli.demo_summary import print_summary
from pressroom.doors.cli.printing import print_lines, tell

_FOLDER = Path("pressroom-demo")


def demo_command(
    *,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write all figures to a file, as JSON.")
    ] = None,
    folder: Annotated[Path, typer.Option("--dir", metavar="DIR", help="The demo's own workspace.")] = _FOLDER,
    serve: Annotated[bool, typer.Option("--serve", help="Keep the endpoint up, and show a request to try.")] = False,
) -> None:
    """Run the whole floor on all flights that left New York in 2013, once around.

    Takes a minute or two and ends by itself. The workspace stays in DIR, to look around in; the next run replaces it.

    Example:
      pressroom demo --json demo.json
    """
    with _progress() as progress:
        bars: dict[str, TaskID] = {}

        def told(stage: str, done: int, total: int) -> None:
            part = stage.split(":")[0]
            if part not in bars:
                bars[part] = progress.add_task(part, total=total)
            progress.update(bars[part], completed=done, total=total, description=stage)

        result = run_demo(folder, told=told)
    if json_file is not None:
        document = msgspec.json.encode(result.document())
        json_file.write_bytes(msgspec.json.format(document, indent=2) + b"\n")
    print_summary(result)
    if serve:
        _serve(folder)


def _progress() -> Progress:
    columns = (TextColumn("{task.description:<28}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    return Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True))


def _serve(folder: Path) -> None:
    with running_server(folder) as server:
        row = (
            '{"rows": [{"flight": "UA-1545-20131224-EWR", "tail": "N14228", "origin": "EWR", "carrier": "UA", '
            '"distance": 1400, "hour": 7, "month": 12}], "as_of": "2013-12-24T11:00Z"}'
        )
        print_lines(
            "",
            "The endpoint is up. Try:",
            f"  curl -d '{row}' http://127.0.0.1:{server.port}/v1/endpoints/late_arrival:predict",
        )
        tell("Stop with Ctrl-C.")
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
