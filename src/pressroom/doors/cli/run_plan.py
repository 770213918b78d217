"""`pressroom run-plan`: what a run of a flow would do, and why."""

from dataclasses import asdict

from pressroom.costs import Usage
from pressroom.doors.cli.flows import FlowName, Parameters, flow_named, read_parameters
from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table
from pressroom.workspace import open_workspace


def run_plan_command(
    flow: FlowName, parameters: Parameters = None, *, folder: Folder = HERE, as_json: Json = False
) -> None:
    """Show which steps would run and why, which would be answered from what is kept, and how long that took before.

    No step is run. Where only running makes the value that decides what comes next, the plan ends, and says so.

    Example:
      pressroom run-plan nightly.py:nightly days=7
    """
    with open_workspace(folder) as workspace:
        meant = flow_named(workspace, flow)
        plan = workspace.flows.plan(meant, read_parameters(meant, parameters or ()))
        usage = Usage(cpu_s=sum(call.cpu_s or 0.0 for call in plan.calls if call.runs), wall_s=plan.expected_wall_s())
        cost_usd = workspace.prices.price(usage).usd
        standings = workspace.flows.money.standings(
            team=meant.options.owner, flow=meant.name, now=workspace.ports.clock.now(), coming_usd=cost_usd
        )
    if as_json:
        print_json({**asdict(plan), "expected_wall_s": plan.expected_wall_s(), "expected_usd": cost_usd,
                    "budgets": [{"verdict": each.verdict(), "words": each.words()} for each in standings]})  # fmt: skip
        return
    rows = [
        (call.step, "run" if call.runs else "keep", None if call.wall_s is None else f"{call.wall_s:.2f}", call.reason)
        for call in plan.calls
    ]
    print_table(("step", "would", "took s>", "why"), rows)
    runs = sum(call.runs for call in plan.calls)
    new = sum(call.runs and call.wall_s is None for call in plan.calls)
    never = f" ({new} never ran, and count as nothing)" if new else ""
    print_lines(f"{runs} of {len(plan.calls)} steps would run.")
    print_lines(f"That is about {plan.expected_wall_s():.1f} s of work, {cost_usd:.6f} USD{never}.")
    for standing in standings:
        verdict = {"fine": "", "warn": " That is most of it.", "over": " A run would be refused."}[standing.verdict()]
        print_lines(f"{standing.words()}{verdict}")
    if plan.beyond:
        print_lines(f"The plan ends here. {plan.beyond}")
