"""What a backfill would do, as a table."""

from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.flows import PeriodPlan, estimate
from pressroom.workspace import Workspace

_MARKS = {"run": "run", "skip": "leave", "stale": "leave (stale)"}


def show_plan(workspace: Workspace, flow: str, planned: list[PeriodPlan], *, as_json: bool) -> None:
    """Show each period with what would become of it, and what all of them would take, by what steps took before."""
    estimates = {each.period: estimate(each.plan, workspace.prices) for each in planned if each.plan is not None}
    work_s = sum(each.work_s for each in estimates.values())
    most_s = sum(each.work_most_s for each in estimates.values())
    usd = sum(each.usd for each in estimates.values())
    if as_json:
        print_json(
            {
                "flow": flow,
                "periods": [
                    {"period": each.period.words(), "verdict": each.verdict, "reason": each.reason} for each in planned
                ],
                "expected_wall_s": work_s,
                "expected_most_s": most_s,
                "expected_usd": usd,
            }
        )
        return
    rows = [
        (
            each.period.words(),
            _MARKS[each.verdict],
            f"{estimates[each.period].work_s:.2f}" if each.period in estimates else None,
            each.reason,
        )
        for each in planned
    ]
    print_table(("id", "would", "about s>", "why"), rows)
    runs = sum(each.verdict == "run" for each in planned)
    new = sum(each.never_ran for each in estimates.values())
    never = f"; {new} calls of steps never ran, and count as nothing" if new else ""
    print_lines(
        f"{runs} of {len(planned)} periods would be run: about {work_s:.1f} s of work "
        f"(90 %: {most_s:.1f} s), {usd:.6f} USD{never}."
    )
