"""`pressroom simulate`: days of a machine in seconds, under the rules of this workspace."""

from typing import Annotated

import typer

from pressroom.doors.cli.options import HERE, Folder, Json
from pressroom.doors.cli.printing import print_json, print_lines, print_table, working
from pressroom.tiers import TIERS, Done, Replay, Rules, Share, replay, synthetic_trace
from pressroom.workspace import open_workspace

_GIB = 1 << 30


def simulate_command(
    *,
    jobs: Annotated[int, typer.Option(help="How much work comes.", min=1, max=100_000)] = 3_000,
    cores: Annotated[float, typer.Option(help="Of this machine; 0: as in pressroom.toml.", min=0)] = 256,
    seed: Annotated[int, typer.Option(help="Another trace.")] = 7,
    folder: Folder = HERE,
    as_json: Json = False,
) -> None:
    """Replay a synthetic trace (heavy-tailed work in all tiers, 95 % of the machine) through the admission that runs
    here, with the quotas and rules of pressroom.toml, and show how long each tier waits.

    Example:
      pressroom simulate --jobs 3000 --cores 256
    """
    with open_workspace(folder) as workspace:
        told = workspace.settings.machine.rules
    rules = _sized(told, cores)
    with working("Replaying"):
        trace = synthetic_trace(rules, jobs=jobs, seed=seed)
        replayed = replay(rules, trace)
        alone = replay(rules, [each for each in trace if each.tier == "production"])
    tiers = {tier: _figures(replayed.of(tier)) for tier in TIERS if replayed.of(tier)}
    took, took_alone = (sum(done.took_s() for done in each.of("production")) for each in (replayed, alone))
    longer = took / took_alone - 1 if took_alone else 0.0
    lost = replayed.lost_cpu_s / replayed.used_cpu_s if replayed.used_cpu_s else 0.0
    if as_json:
        print_json(
            {
                "jobs": len(trace), "days": trace[-1].comes_s / 86_400 if trace else 0.0, "tiers": tiers,
                "offered": replayed.offered(),
                "utilisation": replayed.utilisation(), "lost": lost, "production_longer_than_alone": longer,
            }
        )  # fmt: skip
        return
    rows = [(tier, *(f"{value:.4g}" for value in figures.values())) for tier, figures in tiers.items()]
    print_table(("tier", "jobs>", "waited s, mean>", "99 %>", "stretch, mean>", "99 %>", "most>", "stops>"), rows)
    print_lines(
        f"The work that came was {replayed.offered():.1%} of what the machine could do meanwhile{_words(replayed)}.",
        f"Of what was possible, {replayed.utilisation():.1%} was used, {lost:.1%} of that in vain.",
        f"Production took {longer:+.1%} longer than on a machine of its own.",
    )


def _words(replayed: Replay) -> str:
    """What follows for whoever waits."""
    if replayed.offered() < 1.0:
        return ""
    return ": what waits can only grow, and no order can bound the stretch of the lowest tier"


def _sized(rules: Rules, cores: float) -> Rules:
    """The same rules on a machine of another size, quotas in proportion."""
    if not cores:
        return rules
    factor = cores / rules.capacity.cpu
    quotas = {
        team: type(quota)(sure=quota.sure.times(factor), most=None if quota.most is None else quota.most.times(factor))
        for team, quota in rules.quotas.items()
    }
    capacity = Share(cpu=cores, memory_bytes=int(cores) * 4 * _GIB, gpu=rules.capacity.gpu * factor)
    return Rules(
        capacity=capacity,
        quotas=quotas,
        floor=rules.floor,
        patience=rules.patience,
        least_patience_s=rules.least_patience_s,
        min_run_s=rules.min_run_s,
        spared_end=rules.spared_end,
        grace_s=rules.grace_s,
    )


def _figures(done: tuple[Done, ...]) -> dict[str, float]:
    waited, stretch = sorted(each.waited_s() for each in done), sorted(each.stretch() for each in done)
    last = int(0.99 * len(done))
    return {
        "jobs": len(done),
        "waited_mean_s": sum(waited) / len(done),
        "waited_p99_s": waited[last],
        "stretch_mean": sum(stretch) / len(done),
        "stretch_p99": stretch[last],
        "stretch_most": stretch[-1],
        "stops": sum(each.stops for each in done),
    }
