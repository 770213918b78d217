"""`pressroom queue`: who works on this machine, and who waits for what, and why."""

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.flows import Turn, floor_of
from pressroom.tiers import TIERS, waits
from pressroom.values import MICROSECONDS
from pressroom.workspace import open_workspace


def queue_command(*, folder: Folder = HERE, as_json: Json = False) -> None:
    """Show the attempts that work on this machine and those that wait, the next one first, each with its reason.

    Example:
      pressroom queue
    """
    with open_workspace(folder) as workspace:
        turns, rules = workspace.turns.everybody(), workspace.turns.rules
        now_s = workspace.ports.clock.now() / MICROSECONDS
    machine, queue = floor_of(turns, rules)
    working = sorted(
        (turn for turn in turns if turn.state in ("working", "stopping")),
        key=lambda turn: (TIERS.index(turn.tier), turn.started_s),
    )
    waiting = waits(machine, queue, now_s)
    away = [turn for turn in turns if turn.state == "away"]
    if as_json:
        print_json(
            {
                "capacity": rules.capacity,
                "free": machine.free(),
                "working": [_document(turn, now_s) for turn in working],
                "waiting": [
                    {
                        "attempt": each.work.name, "tier": each.work.tier, "team": each.work.team, "ask": each.work.ask,
                        "waited_s": now_s - each.work.since_s, "ahead": each.ahead, "reason": each.reason,
                    }
                    for each in waiting
                ],
                "away": [_document(turn, now_s) for turn in away],
            }
        )  # fmt: skip
        return
    rows = [
        (turn.name, turn.tier, turn.team or None, turn.ask.words(), f"{now_s - turn.started_s:.0f}", _how(turn))
        for turn in working
    ]
    rows += [
        (each.work.name, each.work.tier, each.work.team or None, each.work.ask.words(),
         f"{now_s - each.work.since_s:.0f}", f"waits: {each.reason}")
        for each in waiting
    ]  # fmt: skip
    rows += [
        (turn.name, turn.tier, turn.team or None, turn.ask.words(), f"{now_s - turn.since_s:.0f}",
         "away: its run did not come when it was its turn")
        for turn in away
    ]  # fmt: skip
    if rows:
        print_table(("id", "tier", "team", "asks", "s>", "state"), rows)
    print_lines(
        f"{len(working)} work, {len(waiting)} wait; {machine.free().words()} of {rules.capacity.words()} are free."
    )


def _how(turn: Turn) -> str:
    return f"stops, to make room for {turn.until}" if turn.state == "stopping" else "works"


def _document(turn: Turn, now_s: float) -> dict[str, object]:
    return {
        "attempt": turn.name,
        "tier": turn.tier,
        "team": turn.team,
        "ask": turn.ask,
        "state": turn.state,
        "until": turn.until,
        "ran_s": now_s - turn.started_s,
    }
