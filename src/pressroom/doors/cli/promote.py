"""`pressroom promote`: a feature view becomes available to other teams."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, working
from pressroom.values import format_instant
from pressroom.workspace import open_workspace


def promote_command(
    view: Annotated[str, typer.Argument(metavar="VIEW", help="An applied feature view.")],
    *,
    by: Annotated[str, typer.Option(metavar="WHO", help="Who promotes it; written down.")],
    why: Annotated[str, typer.Option(help="Why; the intent of the view, if not said.", show_default=False)] = "",
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Share a view: from then on training sets and endpoints of every owner may use it.

    Refused without a docstring, an owner, an intent, a promised freshness and availability, and a passing check
    (`pressroom features-check`); all that is missing is named at once.

    Example:
      pressroom promote store_pace --by ann
    """
    with open_workspace(folder) as workspace, working("Checking"):
        promotion = workspace.sharing.promote(view, by=by, why=why)
    change = promotion.change
    if as_json:
        print_json(
            {
                "view": promotion.view.name,
                "digest": promotion.view.digest(),
                "stage": change.stage,
                "by": change.by,
                "at": format_instant(change.at),
                "why": change.why,
                "proof": change.proof,
            }
        )
        return
    print_lines(
        f"{promotion.view.name} is shared, promoted by {change.by} at {format_instant(change.at)}: {change.why}",
        f"Checked: {change.proof}.",
    )
