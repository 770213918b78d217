"""`pressroom backfill`: a flow for every period of a stretch."""

import signal
from types import FrameType
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pressroom.doors.cli.backfill_plan import show_plan
from pressroom.doors.cli.flows import FlowName, flow_named
from pressroom.doors.cli.options import HERE, Folder, Json, reading
from pressroom.doors.cli.printing import print_json, print_lines, print_table, tell
from pressroom.flows import PeriodEnd, PeriodPlan
from pressroom.values import check_zone, local_instant, parse_stride, periods_between
from pressroom.workspace import Workspace, open_workspace

From = Annotated[str, typer.Option("--from", metavar="INSTANT", help="Where it starts: a day, or ISO 8601.")]
To = Annotated[str, typer.Option("--to", metavar="INSTANT", help="Where it ends; not in it any more.")]
Zone = Annotated[str, typer.Option("--zone", parser=reading(check_zone), help="Whose days: Europe/Zurich.")]


def backfill_command(  # noqa: PLR0913  (each is an option of the command line)
    flow: FlowName,
    *,
    start: From = "",
    end: To = "",
    every: Annotated[str, typer.Option("--every", help="How long each period is: 1d, 6h.")] = "1d",
    zone: Zone = "UTC",
    at_once: Annotated[int, typer.Option("--at-once", min=1, help="How many periods at the same time.")] = 1,
    newest_first: Annotated[bool, typer.Option("--newest-first", help="The newest periods first.")] = False,
    stale: Annotated[bool, typer.Option("--stale", help="Also those whose facts have changed since.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would be run.")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="Stop the backfill of this flow that goes on.")] = False,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Run a flow once for each period of a stretch; its parameter that is a `pr.Period` says for which.

    Periods that were done by the same code, from the same facts, are left out. So whatever stopped it, asking for the
    same again goes on where it was. A period whose facts have changed since is named, and run again with --stale.

    Example:
      pressroom backfill nightly.py:nightly --from 2025-01-01 --to 2025-02-01 --at-once 2
    """
    with open_workspace(folder) as workspace:
        meant = flow_named(workspace, flow)
        if cancel:
            _cancel(workspace, meant.name, as_json=as_json)
            return
        if not start or not end:
            raise typer.BadParameter("A stretch has a --from and a --to.")
        stride_us = parse_stride(every, zone)
        periods = list(periods_between(local_instant(start, zone), local_instant(end, zone), stride_us, zone))
        planned = workspace.backfills.plan(meant, periods, stale=stale, newest_first=newest_first, closely=plan)
        if plan:
            show_plan(workspace, meant.name, planned, as_json=as_json)
            return
        ends = _go(workspace, meant, planned, at_once=at_once)
    _told(meant.name, planned, ends, as_json=as_json)


def _cancel(workspace: Workspace, flow: str, *, as_json: bool) -> None:
    asked = workspace.backfills.cancel(flow)
    if as_json:
        print_json({"flow": flow, "asked": asked})
        return
    print_lines(f"The backfill of {flow} was asked to stop." if asked else f"No backfill of {flow} goes on here.")


def _go(workspace: Workspace, flow: Any, planned: list[PeriodPlan], *, at_once: int) -> list[PeriodEnd]:
    """Run it, with a bar where somebody is watching; SIGTERM and Ctrl-C end it in order."""
    backfill = workspace.backfills.start(flow, planned, at_once=at_once)

    def end(_number: int, _frame: FrameType | None) -> None:
        backfill.stop()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    console = Console(stderr=True, markup=False, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    due = sum(each.verdict == "run" for each in planned)
    try:
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
            task = shown.add_task(flow.name, total=due)

            def ended(period: PeriodEnd) -> None:
                shown.advance(task)
                if period.state == "failed":
                    tell(f"{period.period.words()} failed: {period.words} {period.run}".strip())

            return backfill.go(ended)
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _told(flow: str, planned: list[PeriodPlan], ends: list[PeriodEnd], *, as_json: bool) -> None:
    counts = {state: sum(end.state == state for end in ends) for state in ("done", "failed", "cancelled")}
    left = sum(each.verdict == "run" for each in planned) - len(ends)
    skipped = sum(each.verdict == "skip" for each in planned)
    stale = [each for each in planned if each.verdict == "stale"]
    periods = [{"period": end.period.words(), "state": end.state, "run": end.run, "words": end.words} for end in ends]
    if as_json:
        print_json(
            {
                "flow": flow,
                **counts,
                "not_begun": left,
                "skipped": skipped,
                "stale": [{"period": each.period.words(), "reason": each.reason} for each in stale],
                "periods": periods,
            }
        )
    else:
        print_lines(
            f"{flow}: {counts['done']} periods done, {counts['failed']} failed, "
            f"{counts['cancelled'] + left} not done, {skipped} were done before."
        )
        if stale:
            print_table(("id", "stale"), [(each.period.words(), each.reason) for each in stale])
            print_lines("Their facts have changed since: --stale runs them again.")
    if counts["failed"] or counts["cancelled"] or left:
        raise typer.Exit(1)
