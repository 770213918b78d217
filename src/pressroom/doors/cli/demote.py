"""`pressroom demote`: a promotion is taken back."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines
from pressroom.values import format_instant
from pressroom.workspace import open_workspace


def demote_command(
    view: Annotated[str, typer.Argument(metavar="VIEW", help="A shared feature view.")],
    *,
    by: Annotated[str, typer.Option(metavar="WHO", help="Who takes it back; written down.")],
    why: Annotated[str, typer.Option(help="Why; written down.")],
    anyway: Annotated[bool, typer.Option("--anyway", help="Also while other teams use it.")] = False,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Make a shared view its owner's alone again. Refused while other teams use it, naming them.

    What they run goes on as it is; they can't train or push with it again.

    Example:
      pressroom demote store_pace --by ann --why 'replaced by store_rhythm'
    """
    with open_workspace(folder) as workspace:
        demotion = workspace.sharing.demote(view, by=by, why=why, anyway=anyway)
    change = demotion.change
    if as_json:
        print_json(
            {
                "view": demotion.view.name,
                "digest": demotion.view.digest(),
                "stage": change.stage,
                "by": change.by,
                "at": format_instant(change.at),
                "why": change.why,
                "users": [{"owner": user.owner, "uses": user.whats} for user in demotion.users],
            }
        )
        return
    print_lines(
        f"{demotion.view.name} is private again, taken back by {change.by} at {format_instant(change.at)}: {change.why}"
    )
    print_lines(*(f"It is used by {user.words()}." for user in demotion.users))
