"""`pressroom settle`: facts move from the log to the tables."""

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, working
from pressroom.workspace import open_workspace


def settle_command(*, folder: Folder = HERE, as_json: Json = False) -> None:
    """Move facts from the log to the tables, where other tools can read them too. No answer changes by it.

    A table that has gathered 32 small files is compacted, and what only its versions older than 7 days need is removed.

    Example:
      pressroom settle
    """
    with open_workspace(folder) as workspace, working("Settling"):
        moved = workspace.settle()
    if as_json:
        print_json({"moved": moved})
        return
    print_lines(*(f"{fact}: {rows:,} moved to its table." for fact, rows in moved.items() if rows))
    if not any(moved.values()):
        print_lines("All facts are in their tables already.")
