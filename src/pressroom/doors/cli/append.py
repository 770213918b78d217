"""`pressroom append`: facts in, from a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json, reading
from pressroom.doors.cli.printing import print_json, print_lines, working
from pressroom.facts import BadBatch, Batch, KnownRule, RawBatch, Receipt, read_file
from pressroom.values import snake_case
from pressroom.workspace import open_workspace

_KNOWN = "When the platform could have known: 'event', 'event + 5min', 'now', or 'column' (the file has `known`)."
_SOURCE = "Who sends it; a batch is kept once for each source."
_BATCH = "The batch's name; without one, its content names it."
_ZONE = "The zone that times without one are local to: Europe/Paris."
_REPEATS = "Keep rows that say the same as an earlier row."
_MENDS = "The file holds mended rows of this batch, from `pressroom set-aside FACT --batch NAME --to FILE`."
_CORRECTS = "The rows correct the facts with their keys and event, from when they are known on."
_RETRACTS = "The rows, of `event` and keys alone, take back the facts with these."
_REFUSE = "Keep nothing of the file if any row is wrong."


def append_command(  # noqa: PLR0913  (each is an option of the command line)
    fact: Annotated[
        str, typer.Argument(metavar="FACT", help="The fact type: `order_placed`, or its class, `OrderPlaced`.")
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, JSON lines, Parquet or Arrow, by its ending.")],
    *,
    known: Annotated[
        KnownRule | None, typer.Option(parser=reading(KnownRule.parse), metavar="WHEN", help=_KNOWN)
    ] = None,
    source: Annotated[str, typer.Option(help=_SOURCE)] = "file",
    batch: Annotated[str, typer.Option(help=_BATCH, show_default=False)] = "",
    zone: Annotated[str | None, typer.Option(help=_ZONE)] = None,
    mends: Annotated[str, typer.Option(metavar="BATCH", help=_MENDS, show_default=False)] = "",
    corrects: Annotated[bool, typer.Option("--corrects", help=_CORRECTS)] = False,
    retracts: Annotated[bool, typer.Option("--retracts", help=_RETRACTS)] = False,
    repeats: Annotated[bool, typer.Option("--repeats", help=_REPEATS)] = False,
    refuse_bad_rows: Annotated[bool, typer.Option("--refuse-bad-rows", help=_REFUSE)] = False,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Append the facts in a file, once. Wrong rows are set aside with a reason; the others go in.

    Example:
      pressroom append ordered samples/ordered.csv --known event
      pressroom append delivered samples/delivered.csv --known 'event + 5min'
      pressroom append delivered mend.csv --known event --mends monday
      pressroom append delivered corrected.csv --known now --corrects
    """
    if corrects and retracts:
        raise typer.BadParameter("rows either correct or retract", param_hint="--retracts")
    with open_workspace(folder) as workspace:
        schema = workspace.fact(snake_case(fact))
        with working(f"Appending {file.name}"):
            raw = read_file(file)
            given = Batch(
                fact=schema,
                raw=raw,
                known=known or _known_column(raw),
                source=source,
                batch=batch,
                zone=zone,
                repeats=repeats,
                refuse_bad_rows=refuse_bad_rows,
                change="corrects" if corrects else "retracts" if retracts else "says",
            )
            receipt = workspace.mend(given, of=mends) if mends else workspace.append(given)[0]
        kept = workspace.facts.set_aside(schema.name) if receipt.set_aside else []
    reasons = next((aside.reasons for aside in kept if aside.batch == (mends or receipt.batch)), {})
    if as_json:
        print_json({"receipt": receipt, "reasons": reasons})
        return
    print_lines(*_lines(receipt, reasons))


def _known_column(raw: RawBatch) -> KnownRule:
    try:
        return KnownRule.of(raw.table.column_names)
    except BadBatch as error:
        raise typer.BadParameter(str(error), param_hint="--known") from error


def _lines(receipt: Receipt, reasons: Mapping[str, int]) -> list[str]:
    if receipt.repeated:
        lines = [f"{receipt.fact}: this batch is in already, nothing was added (batch {receipt.batch})."]
    else:
        lines = [f"{receipt.fact}: {receipt.appended:,} appended (batch {receipt.batch})."]
    if receipt.set_aside:
        lines.append(f"{receipt.set_aside:,} set aside:")
        lines += [f"  {count:>7,}  {reason}" for reason, count in reasons.items()]
        lines.append(f"See them: pressroom set-aside {receipt.fact}")
        batch = receipt.batch.split(":mended:")[0]
        lines.append(f"Mend them: pressroom set-aside {receipt.fact} --batch {batch} --to mend.csv")
    return lines
