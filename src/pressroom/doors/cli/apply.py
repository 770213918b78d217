"""`pressroom apply`: the definitions, put in force."""

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.plan import plan_document, print_plan
from pressroom.doors.cli.printing import print_json, print_lines, working
from pressroom.workspace import open_workspace


def apply_command(*, folder: Folder = HERE, as_json: Json = False) -> None:
    """Put the definitions in force: facts can be appended, and new views are filled from all facts there are.

    Example:
      pressroom apply
    """
    with open_workspace(folder) as workspace:
        definitions = workspace.definitions()
        with working("Applying"):
            done = workspace.apply(definitions)
    if as_json:
        print_json(plan_document(done))
        return
    print_plan(done)
    changes = len(done.changes())
    print_lines(f"{changes} changed." if changes else "Nothing changed.")
