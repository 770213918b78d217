"""`pressroom set-aside`: rows that were not appended."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.facts import SetAsideBatch
from pressroom.values import snake_case
from pressroom.workspace import open_workspace


def set_aside_command(
    fact: Annotated[str, typer.Argument(metavar="FACT", help="Of this fact type only.", show_default=False)] = "",
    *,
    rows: Annotated[int, typer.Option(min=0, help="How many rows of each batch to show.")] = 10,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Show the rows that were set aside: of which batch, how many for which reason, and the rows themselves.

    Mend them in a file of their own and append that; the rest of their batch is in already.

    Example:
      pressroom set-aside ordered --rows 20
    """
    with open_workspace(folder) as workspace:
        name = workspace.fact(snake_case(fact)).name if fact else ""
        batches = workspace.facts.set_aside(name)
    if as_json:
        print_json({"batches": [_document(batch, rows) for batch in batches]})
        return
    if not batches:
        print_lines("Nothing was set aside.")
        return
    counted = [(b.fact, b.source, b.batch, reason, f"{n:,}") for b in batches for reason, n in b.reasons.items()]
    print_table(("fact", "source", "batch", "reason", "rows>"), counted)
    for batch in batches if rows else ():
        shown = [(row.row, row.field, row.value, row.reason) for row in batch.examples[:rows]]
        print_table(("row>", "field", "value", "reason"), shown, title=f"{batch.fact}, batch {batch.batch}")


def _document(batch: SetAsideBatch, rows: int) -> dict[str, object]:
    return {
        "fact": batch.fact,
        "source": batch.source,
        "batch": batch.batch,
        "rows": batch.rows,
        "reasons": batch.reasons,
        "examples": batch.examples[:rows],
    }
