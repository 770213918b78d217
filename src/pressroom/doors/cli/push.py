"""`pressroom push`: a model answers, once it has passed the checks."""

from typing import Annotated

import typer

from pressroom.doors.cli.failures import NothingTrained
from pressroom.doors.cli.model_names import full_name
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines
from pressroom.doors.cli.report import best_of
from pressroom.doors.cli.routes import print_pushed, pushed_document
from pressroom.serving import Rollout, Share
from pressroom.workspace import Workspace, open_workspace

_MODEL = (
    "A candidate (`logistic`) or a model's full name, also with a range (`logistic@^1`), an alias or a digest; without "
    "it, the best by AUC of the newest training."
)
_CANARY = "Try it on this part of the units only, like 5%; it is taken back by itself when it breaks its promise."


def push_command(  # noqa: PLR0913  (one for each option)
    endpoint: Annotated[
        str, typer.Argument(metavar="ENDPOINT", help="An endpoint of the definitions, or a table trained on.")
    ],
    *,
    model: Annotated[str, typer.Option(help=_MODEL, show_default=False)] = "",
    canary: Annotated[str, typer.Option(help=_CANARY, metavar="SHARE", show_default=False)] = "",
    shadow: Annotated[bool, typer.Option("--shadow", help="Let it answer nobody; what it would say is kept.")] = False,
    break_callers: Annotated[
        bool, typer.Option("--break-callers", help="Push though requests of today will be refused.")
    ] = False,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Check a model and let it answer at an endpoint. What answered before goes on until all checks are passed.

    Example:
      pressroom push delivery_risk --model logistic
      pressroom push delivery_risk --model logistic --canary 5%
    """
    with open_workspace(folder) as workspace:
        table = workspace.tables.endpoint(endpoint)
        definition = workspace.definitions().endpoint(endpoint) if table is None else table.definition
        if model:
            name = full_name(model, definition.training_set)
        else:
            name = _best(workspace, definition.training_set) if table is None else table.model
        rollout = Rollout(canary=_share(canary), shadow=shadow, break_callers=break_callers)
        pushed = workspace.serving.push(definition, [Share(model=name)], rollout=rollout)
    if as_json:
        print_json(pushed_document(pushed))
        return
    print_pushed(pushed)
    print_lines(f"Serve it: pressroom serve    Back, at once: pressroom rollback {endpoint}")


def _share(text: str) -> float:
    if not text:
        return 0.0
    try:
        return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no share: write 5% or 0.05", param_hint="--canary") from error


def _best(workspace: Workspace, training_set: str) -> str:
    models = workspace.training.report(training_set)
    if not models:
        raise NothingTrained(
            f"{training_set} was never trained on.", next_step=f"Run `pressroom train {training_set}`."
        )
    return best_of(models).name
