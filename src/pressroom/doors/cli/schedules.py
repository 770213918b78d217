"""`pressroom schedules`: which flows run by themselves."""

from dataclasses import asdict

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.flows import ScheduleStatus
from pressroom.values import MICROSECONDS, format_instant
from pressroom.workspace import open_workspace


def schedules_command(*, folder: Folder = HERE, as_json: Json = False) -> None:
    """Show every schedule: when it runs next and why not yet, how the last run went, and how late it was begun.

    Schedules are looked for in the project's definitions and in the files that [schedules] in pressroom.toml names.

    Example:
      pressroom schedules
    """
    with open_workspace(folder) as workspace:
        found = workspace.schedules.statuses()
        wrong = workspace.schedules.wrong()
        undelivered = workspace.schedules.undelivered()
    if as_json:
        print_json(
            {
                "schedules": [_document(each) for each in found],
                "wrong": wrong,
                "undelivered": [{"notice": asdict(notice), "wrong": words} for notice, words in undelivered],
            }
        )
        return
    if not found and not wrong:
        print_lines("No flow has a schedule here. Give one: @pr.flow(schedule=pr.interval('15min')).")
        return
    rows = [
        (each.name, each.when, each.owner, _instant(each.next), each.why, _last(each), _late(each.late_us))
        for each in found
    ]
    print_table(("id", "when", "owner", "next", "why not yet", "last", "late s>"), rows)
    for file, words in wrong.items():
        print_lines(f"{file}: {words}")
    for notice, words in undelivered:
        print_lines(f"Not told yet: {notice.text} ({words or 'about to be'})")


def _last(status: ScheduleStatus) -> str | None:
    if status.last is None:
        return None
    last = status.last
    said = f": {last.words}" if last.words else ""
    return f"{last.state} for {last.period.words()}{said} {last.run}".strip()


def _late(late_us: int | None) -> str | None:
    return None if late_us is None else f"{late_us / MICROSECONDS:.1f}"


def _instant(instant: int | None) -> str | None:
    return None if instant is None else format_instant(instant)


def _document(status: ScheduleStatus) -> dict[str, object]:
    last = status.last
    return {
        "name": status.name,
        "when": status.when,
        "owner": status.owner,
        "file": status.file,
        "next": _instant(status.next),
        "why": status.why,
        "paused": status.paused is not None,
        "late_s": None if status.late_us is None else status.late_us / MICROSECONDS,
        "last": None
        if last is None
        else {
            "at": format_instant(last.at),
            "period": last.period.words(),
            "state": last.state,
            "words": last.words,
            "run": last.run,
        },
    }
