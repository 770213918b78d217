"""`pressroom executors`: where steps can run here, what each place enforces, and why one can't be used."""

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.ports import ABILITIES, Abilities
from pressroom.workspace import open_workspace


def executors_command(*, folder: Folder = HERE, as_json: Json = False) -> None:
    """Try every executor on this machine, and show what each enforces and by what means.

    Example:
      pressroom executors
    """
    with open_workspace(folder) as workspace:
        usual = workspace.settings.executors.use
        found = workspace.flows.executors()
    if as_json:
        shown = [
            {
                "executor": each.executor,
                "usual": each.executor == usual,
                "usable": not each.unusable,
                "why_not": each.unusable,
                "side_by_side": each.slots,
                "enforces": dict(each.enforces),
            }
            for each in found
        ]
        print_json({"executors": shown})
        return
    marks = [
        [each.executor, *("yes" if ability in each.enforces else None for ability in ABILITIES)]
        for each in found
        if not each.unusable
    ]
    print_table(("id", *ABILITIES), marks, title="what each enforces")
    for each in found:
        usual_here = " (of steps that name none)" if each.executor == usual else ""
        if each.unusable:
            print_lines(f"{each.executor}{usual_here}: can't be used: {each.unusable}.")
        elif not each.enforces:
            print_lines(f"{each.executor}{usual_here}: no limits.")
        else:
            print_lines(f"{each.executor}{usual_here}:", *(f"  {line}" for line in _by_means(each)))


def _by_means(abilities: Abilities) -> list[str]:
    """What is enforced by each means, in the order of the table."""
    by_means: dict[str, list[str]] = {}
    for ability in ABILITIES:
        if ability in abilities.enforces:
            by_means.setdefault(abilities.enforces[ability], []).append(ability)
    return [f"{', '.join(those)}: {means}" for means, those in by_means.items()]
