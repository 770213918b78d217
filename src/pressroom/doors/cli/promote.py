"""`pressroom promote`: a feature view becomes available to other teams."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, working
from pressroom.values import format_instant
from pressroom.workspace import PRODUCTION, PromotedModel, open_workspace, promote_model


def promote_command(
    view: Annotated[
        str, typer.Argument(metavar="VIEW|MODEL", help="An applied feature view; or TRAINING_SET.CANDIDATE, a model.")
    ],
    *,
    by: Annotated[str, typer.Option(metavar="WHO", help="Who promotes it; written down.")],
    why: Annotated[str, typer.Option(help="Why; the intent of the view, if not said.", show_default=False)] = "",
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Share a view, or let the alias `production` mean a model. A model is refused that does not beat its baseline by
    more than it costs more, at what a point of quality is worth here (`[costs] usd_per_point`).

    Share a view: from then on training sets and endpoints of every owner may use it.

    Refused without a docstring, an owner, an intent, a promised freshness and availability, and a passing check
    (`pressroom features-check`); all that is missing is named at once.

    Example:
      pressroom promote store_pace --by ann
      pressroom promote late_delivery.logistic --by ann
    """
    if "." in view:
        with open_workspace(folder) as workspace:
            promoted = promote_model(
                view, training=workspace.training, models=workspace.models, costs=workspace.settings.costs
            )
        _show_model(promoted, by=by, as_json=as_json)
        return
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


def _show_model(promoted: PromotedModel, *, by: str, as_json: bool) -> None:
    entry, weighed = promoted.entry, promoted.worth
    if as_json:
        print_json(
            {"model": entry.name, "version": entry.version, "digest": entry.digest, "alias": PRODUCTION, "by": by,
             "worth": weighed}
        )  # fmt: skip
        return
    print_lines(f"{entry.name}@{PRODUCTION} is {entry.version}, promoted by {by}.", weighed.words())
