"""`pressroom set-aside`: rows that were not appended."""

import csv
from pathlib import Path
from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.facts import Mending, SetAsideBatch
from pressroom.values import snake_case
from pressroom.workspace import open_workspace

_BATCH = "Of this batch only."
_SOURCE = "Who sent the batch, where several sent one of that name."
_TO = "Write the batch's rows, as they stood, into this CSV file: for mending."


def set_aside_command(  # noqa: PLR0913  (each is an option of the command line)
    fact: Annotated[str, typer.Argument(metavar="FACT", help="Of this fact type only.", show_default=False)] = "",
    *,
    rows: Annotated[int, typer.Option(min=0, help="How many rows of each batch to show.")] = 10,
    batch: Annotated[str, typer.Option(help=_BATCH, show_default=False)] = "",
    source: Annotated[str, typer.Option(help=_SOURCE, show_default=False)] = "",
    to: Annotated[Path | None, typer.Option(metavar="FILE", help=_TO, show_default=False)] = None,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Show the rows that were set aside: of which batch, how many for which reason, and the rows themselves.

    To mend rows of a batch, write them into a file, mend what is wrong there, and append it; the rest of the batch is
    in already.

    Example:
      pressroom set-aside ordered --rows 20
      pressroom set-aside ordered --batch monday --to mend.csv
      pressroom append ordered mend.csv --known event --mends monday
    """
    if to is not None and not (fact and batch):
        raise typer.BadParameter("say of which fact and which batch: FACT --batch NAME", param_hint="--to")
    with open_workspace(folder) as workspace:
        name = workspace.fact(snake_case(fact)).name if fact else ""
        if to is not None:
            mending = workspace.facts.to_mend(name, batch, source=source)
            _write(mending, to)
            _say_what_next(name, batch, mending, to, as_json=as_json)
            return
        batches = [
            one
            for one in workspace.facts.set_aside(name)
            if batch in ("", one.batch) and source in ("", one.source) and (one.rows or one.mends)
        ]
    if as_json:
        print_json({"batches": [_document(batch, rows) for batch in batches]})
        return
    if not batches:
        print_lines("Nothing was set aside.")
        return
    for one in batches:
        if one.mends:
            print_lines(f"{one.fact}, batch {one.batch}: {len(one.mended()):,} mended, {one.rows:,} still set aside.")
    counted = [(b.fact, b.source, b.batch, reason, f"{n:,}") for b in batches for reason, n in b.reasons.items()]
    if counted:
        print_table(("fact", "source", "batch", "reason", "rows>"), counted)
    for one in batches if rows else ():
        shown = [(row.row, row.field, row.value, row.reason) for row in one.examples[:rows]]
        if shown:
            print_table(("row>", "field", "value", "reason"), shown, title=f"{one.fact}, batch {one.batch}")


def _write(mending: Mending, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(mending.columns)
        lines.writerows(mending.rows)


def _say_what_next(fact: str, batch: str, mending: Mending, path: Path, *, as_json: bool) -> None:
    command = f"pressroom append {fact} {path} --known ... --mends {batch}"
    if as_json:
        print_json({"file": str(path), "rows": len(mending.rows), "next": command})
        return
    print_lines(f"{len(mending.rows):,} rows written to {path}. Mend them there, leave the column _row as it is, then:")
    print_lines(f"  {command}")


def _document(batch: SetAsideBatch, rows: int) -> dict[str, object]:
    return {
        "fact": batch.fact,
        "source": batch.source,
        "batch": batch.batch,
        "rows": batch.rows,
        "reasons": batch.reasons,
        "examples": [
            {"row": row.row, "field": row.field, "value": row.value, "reason": row.reason}
            for row in batch.examples[:rows]
        ],
        "mended": sorted(batch.mended()),
    }
