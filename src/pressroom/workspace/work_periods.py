"""Works on periods of a flow, as a program: FOLDER FILE FLOW. It reads one period a line, as JSON, and writes one line
on what became of it. It ends when there is nothing more to read, and on SIGTERM once its run is cancelled.
"""

import sys
from pathlib import Path

from pressroom.flows import Cancelled, PeriodTold, as_flow, find_in, load_module, work_period
from pressroom.values import Period, PressroomError, from_document, to_document
from pressroom.workspace.workspace import Workspace, open_workspace


def main(folder: Path, file: Path, name: str) -> int:
    """Serve until there is no more to read."""
    # What the flow prints goes where errors go: the answers' way belongs to the answers alone.
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    with open_workspace(folder) as workspace:
        for line in sys.stdin.buffer:
            try:
                told = _work(workspace, file, name, from_document(line, Period))
            except (Cancelled, KeyboardInterrupt):
                return 1
            answers.write(to_document(told) + b"\n")
            answers.flush()
    return 0


def _work(workspace: Workspace, file: Path, name: str, period: Period) -> PeriodTold:
    names: list[str] = []
    try:
        flow = as_flow(find_in(load_module(file), name))
        done = work_period(flow, period, workspace.backfills.tools, named=names.append)
    except Cancelled:
        raise
    except Exception as error:  # noqa: BLE001  (whatever a flow raises is what came of its period)
        words = str(error) if isinstance(error, PressroomError) else f"{type(error).__name__}: {error}"
        return PeriodTold(run=names[0] if names else "", wrong=words)
    return PeriodTold(run=done.run)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
