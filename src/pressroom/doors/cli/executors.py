"""`pressroom executors`: where steps can run here, what each place enforces, and why one can't be used."""

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.ports import ABILITIES
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
        means = sorted({f"{by}" for by in each.enforces.values()})
        said = f"can't be used: {each.unusable}" if each.unusable else "; ".join(means) or "no limits"
        print_lines(f"{each.executor}{' (of steps that name none)' if each.executor == usual else ''}: {said}.")
