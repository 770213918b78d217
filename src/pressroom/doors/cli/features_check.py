"""`pressroom features-check`: are features the same offline, online and by their definition, on the data there are?"""

from collections.abc import Sequence
from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table, working
from pressroom.features import ViewCheck
from pressroom.values import format_instant
from pressroom.workspace import SAMPLES, open_workspace

Samples = Annotated[int, typer.Option(min=1, help="How many questions to ask of each view.")]


def features_check_command(
    views: Annotated[
        list[str] | None, typer.Argument(metavar="VIEW", help="Applied views; all of them without any.")
    ] = None,
    *,
    samples: Samples = SAMPLES,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Ask each view about entities of your data, at instants spread over it and at all the edges, three ways: as a
    training set would, as an endpoint would, and in plain Python by the definition. All must be equal.

    Exits with 1 where any value differs.

    Example:
      pressroom features-check store_pace --samples 5000
    """
    with open_workspace(folder) as workspace, working("Checking"):
        checks = workspace.sharing.check(*(views or ()), samples=samples)
    unequal = sum(check.unequal for check in checks)
    if as_json:
        print_json({"unequal": unequal, "views": [_document(check) for check in checks]})
    else:
        _print(checks)
    if unequal:
        raise typer.Exit(1)


def _document(check: ViewCheck) -> dict[str, object]:
    return {
        "view": check.view,
        "checked": check.checked,
        "entities": check.entities,
        "values": check.values,
        "unequal": check.unequal,
        "by_feature": dict(check.by_feature),
        "examples": check.examples,
    }


def _print(checks: Sequence[ViewCheck]) -> None:
    for check in checks:
        print_lines(f"{check.view}: {check.words()}, about {check.entities:,} entities.")
        if not check.checked:
            print_lines("There are no facts to check it on yet.")
    examples = [example for check in checks for example in check.examples]
    if examples:
        print_table(
            ("feature", "unequal>"), [(name, f"{count:,}") for check in checks for name, count in check.by_feature]
        )
        shown = [(e.feature, e.entity, format_instant(e.as_of), e.offline, e.online, e.oracle) for e in examples]
        print_table(("feature", "entity", "as of", "offline", "online", "definition"), shown)
    if not checks:
        print_lines("No view is applied yet. Next: pressroom apply")
