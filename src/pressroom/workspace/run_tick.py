"""Runs one tick of a schedule, as a program: FOLDER NAME INSTANT. Who started it need not live to see the end."""

import sys
from pathlib import Path

from pressroom.workspace.workspace import open_workspace


def main(folder: Path, name: str, at: int) -> int:
    """Claim the tick and run it; 0 when it went well, or somebody else has it."""
    with open_workspace(folder) as workspace:
        tick = workspace.schedules.run(name, at)
    if tick is not None and tick.state == "failed":
        sys.stderr.write(f"{tick.words}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
