"""`pressroom readout`: what an experiment shows so far."""

from typing import Annotated

import typer

from pressroom.doors.cli.failures import NothingSo
from pressroom.doors.cli.options import HERE, AsOf, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.experiments import Readout
from pressroom.facts import did_you_mean
from pressroom.workspace import Workspace, open_workspace


def readout_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="An experiment, or the endpoint it runs on.")],
    *,
    as_of: AsOf = None,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Compare an experiment's variants by what happened after their predictions.

    With --as-of, only outcomes known by then count.

    Example:
      pressroom readout delivery_model
    """
    with open_workspace(folder) as workspace:
        endpoint = _endpoint(workspace, name)
        known_at = workspace.ports.clock.now() if as_of is None else as_of
        shown = workspace.experiments.read_out(endpoint, known_at=known_at)
    if as_json:
        print_json({"endpoint": endpoint, "readout": shown})
        return
    _print(shown)


def _endpoint(workspace: Workspace, name: str) -> str:
    """The endpoint meant by its own name, or by that of the experiment that runs on it now."""
    endpoints, experiments = workspace.catalog.names("endpoint"), workspace.catalog.names("experiment")
    if name in experiments:
        endpoint = workspace.catalog.current("experiment", name).parents[0].name
        running = workspace.serving.current(endpoint).experiment
        if running == name:
            return endpoint
        raise NothingSo(
            f"{name} no longer runs: {endpoint} answers {f'for {running}' if running else 'without an experiment'}.",
            next_step=f"Start it again with `pressroom ramp {name} 50%`.",
        )
    if name not in endpoints:
        raise NothingSo(
            f"No experiment and no endpoint is called {name!r}.",
            next_step=f"{did_you_mean(name, [*experiments, *endpoints])} An experiment starts with `pressroom ramp`.",
        )
    return name


def _print(shown: Readout) -> None:
    print_lines(f"{shown.experiment}: {shown.units:,} units exposed.")
    rows = [
        (
            variant.name,
            f"{variant.units:,}",
            f"{variant.n:,}",
            f"{variant.brier:.4f}",
            _interval(variant.brier_interval),
            None if variant.auc is None else f"{variant.auc:.4f}",
            _interval(variant.auc_interval),
        )
        for variant in shown.variants
    ]
    print_table(("variant", "units>", "outcomes>", "Brier>", "95 %", "AUC>", "95 %"), rows)
    print_lines(
        f"Brier difference: {shown.brier_difference:+.4f} {_interval(shown.brier_difference_interval)}",
        f"Shares as meant: p = {shown.srm_p:.3g}{'' if shown.trusted else '  NOT TO BE TRUSTED'}",
        f"Adjusted for: {', '.join(shown.adjusted)}.",
        shown.sentence,
    )


def _interval(bounds: tuple[float, float] | None) -> str | None:
    return None if bounds is None else f"[{bounds[0]:.4f}, {bounds[1]:.4f}]"
