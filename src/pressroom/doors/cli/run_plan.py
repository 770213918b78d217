"""`pressroom run-plan`: what a run of a flow would do, and why."""

import os
from dataclasses import asdict

from pressroom.doors.cli.flows import FlowName, Parameters, flow_named, read_parameters
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.flows import Estimate, FlowPlan, estimate
from pressroom.workspace import open_workspace


def run_plan_command(
    flow: FlowName, parameters: Parameters = None, *, folder: Folder = HERE, as_json: Json = False
) -> None:
    """Show which steps would run and why, which would be answered from what is kept, and how long that took before.

    What it would take and cost is drawn from earlier attempts at the same steps: the median, and what nine of ten runs
    stay within. No step is run. Where only running makes the value that decides what comes next, the plan ends, and
    says so.

    Example:
      pressroom run-plan nightly.py:nightly days=7
    """
    slots = len(os.sched_getaffinity(0))
    with open_workspace(folder) as workspace:
        meant = flow_named(workspace, flow)
        plan = workspace.flows.plan(meant, read_parameters(meant, parameters or ()))
        expected = estimate(plan, workspace.prices, slots=slots)
        standings = workspace.flows.money.standings(
            team=meant.options.owner, flow=meant.name, now=workspace.ports.clock.now(), coming_usd=expected.usd
        )
    if as_json:
        budgets = [{"verdict": each.verdict(), "words": each.words()} for each in standings]
        print_json({**_document(plan, expected), "budgets": budgets})
        return
    rows = [
        (call.step, "run" if call.runs else "keep", _seconds(call.wall_s), _seconds(call.wall_most_s), call.reason)
        for call in plan.calls
    ]
    print_table(("step", "would", "took s>", "90 % s>", "why"), rows)
    never = f" {expected.never_ran} of them never ran, and count as nothing." if expected.never_ran else ""
    print_lines(f"{sum(call.runs for call in plan.calls)} of {len(plan.calls)} steps would run.{never}")
    print_lines(
        f"That is about {expected.work_s:.1f} s of work (90 %: {expected.work_most_s:.1f} s), "
        f"over in {expected.wall_s:.1f} s ({expected.wall_most_s:.1f} s) on {slots} processes, "
        f"for {expected.usd:.6f} USD ({expected.usd_most:.6f})."
    )
    for standing in standings:
        verdict = {"fine": "", "warn": " That is most of it.", "over": " A run would be refused."}[standing.verdict()]
        print_lines(f"{standing.words()}{verdict}")
    if plan.beyond:
        print_lines(f"The plan ends here. {plan.beyond}")


def _seconds(wall_s: float | None) -> str | None:
    return None if wall_s is None else f"{wall_s:.2f}"


def _document(plan: FlowPlan, expected: Estimate) -> dict[str, object]:
    return {
        "flow": plan.flow,
        "calls": [asdict(call) for call in plan.calls],
        "beyond": plan.beyond,
        "estimate": asdict(expected),
        "expected_wall_s": expected.wall_s,
        "expected_usd": expected.usd,
    }
