"""`pressroom forget`: a subject out of every store, for good."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table, working
from pressroom.values import format_instant, snake_case
from pressroom.workspace import ForgetReceipt, open_workspace


def forget_command(
    entity: Annotated[str, typer.Argument(metavar="ENTITY", help="What kind of thing it is: `customer`.")],
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help="Its name, as it stands in the facts.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether you are sure.")] = False,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Remove everything about a subject for good: facts, predictions, online rows, rows set aside, frozen training sets
    that hold it, and every older version of the tables that did. The receipt names the models made from those sets.

    Killed on the way, run it again. A prediction server may go on meanwhile.

    Example:
      pressroom forget customer c042
    """
    with open_workspace(folder) as workspace:
        if not yes:
            typer.confirm(f"Forget the {snake_case(entity)} {subject!r} for good?", abort=True, err=True)
        with working("Forgetting"):
            receipt = workspace.forgetting.forget(snake_case(entity), subject)
    if as_json:
        print_json({"receipt": receipt})
        return
    _print(receipt)


def _print(receipt: ForgetReceipt) -> None:
    print_lines(f"Forgotten at {format_instant(receipt.at)}. The receipt is kept under {receipt.subject}.")
    rows = [(one.fact, f"{one.rows:,}", f"{one.parts:,}", f"{one.files:,}") for one in receipt.facts]
    if rows:
        print_table(("table", "rows removed>", "files rewritten>", "old files removed>"), rows)
    print_lines(
        f"log: emptied up to position {receipt.log_from:,}",
        f"online rows: {receipt.online_removed:,} removed, {receipt.online_rebuilt:,} of others made anew",
        f"rows set aside: {receipt.set_aside_removed:,} removed",
    )
    for one in receipt.training_sets:
        what = "held it and is removed" if one.held else "was made from facts that it was in"
        models = f"; models made from it: {', '.join(one.models)}" if one.models else ""
        print_lines(f"training set {one.name} {one.digest[:12]} {what}{models}")
    if receipt.bytes_left_in:
        print_lines("Its name, or a longer one with it inside, still stands in:")
        print_lines(*(f"  {path}" for path in receipt.bytes_left_in))
