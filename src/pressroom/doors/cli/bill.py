"""`pressroom bill`: what was used, and what that cost."""

from typing import Annotated

import typer

from pressroom.costs import USAGE, bill, usages_of
from pressroom.doors.cli.failures import NothingSo
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.facts import did_you_mean
from pressroom.workspace import open_workspace

_MIB = 1 << 20


def bill_command(
    *,
    run: Annotated[str, typer.Option(help="Of this run only; `train` says its name.", show_default=False)] = "",
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Show what was used by each step, and what that cost by the price book in force.

    Example:
      pressroom bill --run train-1a2b3c4d5e6f
    """
    with open_workspace(folder) as workspace:
        if run:
            runs = workspace.facts.read(USAGE, ["run"])[0].column("run").unique().to_pylist()
            if run not in runs:
                raise NothingSo(f"No run is called {run!r}.", next_step=did_you_mean(run, runs))
        written = bill(usages_of(workspace.facts, run), workspace.prices)
    if as_json:
        print_json({"run": run or None, "bill": written})
        return
    rows = [
        (
            line.step,
            f"{line.cpu_s:.2f}",
            f"{line.wall_s:.2f}",
            f"{line.read_bytes / _MIB:.2f}",
            f"{line.written_bytes / _MIB:.2f}",
            f"{line.usd:.3g}",
        )
        for line in written.lines
    ]
    print_table(("step", "CPU s>", "wall s>", "read MiB>", "written MiB>", "USD>"), rows)
    print_lines(f"Total: {written.total_usd:.3g} USD, by the price book {written.book_version}.")
