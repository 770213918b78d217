"""`pressroom features`: which features there are, whose, how good, and who uses them."""

from collections.abc import Sequence
from typing import Annotated

import typer

from pressroom.catalog import FeatureCard
from pressroom.doors.cli.features_check import Samples, features_check_command
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.values import MICROSECONDS, format_duration, format_instant
from pressroom.workspace import SAMPLES, open_workspace

_WORDS = "Show features on whose card all these words stand: in names, what is written, unit or facts."
_COLUMNS = (
    "feature", "entity", "type", "unit", "doc", "owner", "stage", "fresh within", "newest fact", "available", "owners>",
    "last used",
)  # fmt: skip


def features_command(
    words: Annotated[list[str] | None, typer.Argument(metavar="WORD", help=_WORDS)] = None,
    *,
    entity: Annotated[str, typer.Option(help="Only features of this entity.", show_default=False)] = "",
    label: Annotated[str, typer.Option(help="Only features with this label, such as pii.", show_default=False)] = "",
    samples: Samples = SAMPLES,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Search the applied features. Shows what each is, whose, in which stage, how fresh it is promised to be and how
    old its newest fact is now, and how many owners use it.

    `pressroom features check [VIEW]...` is `pressroom features-check`; --samples is for it.

    Example:
      pressroom features late --entity store
    """
    if words and words[0] == "check":
        features_check_command(words[1:], samples=samples, folder=folder, as_json=as_json)
        return
    with open_workspace(folder) as workspace:
        cards = workspace.sharing.search(*(words or ()), entity=entity, label=label)
    if as_json:
        print_json({"features": [_document(card) for card in cards]})
    elif cards:
        _print(cards)
    else:
        print_lines("No applied feature is like that. All of them: pressroom features")


def _print(cards: Sequence[FeatureCard]) -> None:
    rows = [
        (
            card.name(),
            card.entity,
            card.type,
            card.unit or None,
            card.doc,
            card.owner or None,
            card.stage,
            None if card.freshness_s is None else _duration(card.freshness_s),
            _age(card),
            None if card.availability is None else f"{card.availability:.6g}",
            len(card.used_by),
            None if card.last_used is None else format_instant(card.last_used),
        )
        for card in cards
    ]
    print_table(_COLUMNS, rows)


def _age(card: FeatureCard) -> str:
    age = "none" if card.age_s is None else f"{_duration(card.age_s)} ago"
    return f"{age}: late" if card.fresh() is False else age


def _duration(seconds: float) -> str:
    """Rounded down to the largest unit of which there are at least two."""
    for size_s, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size_s:
            return f"{int(seconds // size_s)}{unit}"
    return format_duration(int(seconds) * MICROSECONDS)


def _document(card: FeatureCard) -> dict[str, object]:
    return {
        "feature": card.name(),
        "view": card.view,
        "entity": card.entity,
        "type": card.type,
        "unit": card.unit,
        "doc": card.doc,
        "about": card.about,
        "facts": card.facts,
        "labels": card.labels,
        "owner": card.owner,
        "stage": card.stage,
        "intent": card.intent,
        "freshness_s": card.freshness_s,
        "age_s": card.age_s,
        "fresh": card.fresh(),
        "availability": card.availability,
        "used_by": card.used_by,
        "uses": card.uses,
        "last_used": None if card.last_used is None else format_instant(card.last_used),
    }
