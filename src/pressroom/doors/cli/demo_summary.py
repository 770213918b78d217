"""What the demo found, told so that a person enjoys reading it."""

from rich.console import Console
from rich.panel import Panel

from pressroom.demo import DemoResult
from pressroom.doors.cli.printing import print_lines, print_table, print_tree
from pressroom.doors.cli.tree import lineage_tree

_MICRO = 1e6


def print_summary(result: DemoResult) -> None:
    """Everything, in the order in which it went around."""
    _facts(result)
    _models(result)
    _experiment(result)
    _proof(result)
    _bill(result)
    print_lines("One prediction, back to the facts:")
    print_tree(lineage_tree(result.found.lineage))
    _next(result)


def _facts(result: DemoResult) -> None:
    rows = [(name, f"{count:,}") for name, count in result.facts.by_fact.items()]
    print_table(("fact", "appended>"), rows, title=f"1. {sum(result.facts.by_fact.values()):,} facts")
    if result.facts.unfit:
        aside = [(unfit.fact, unfit.reason, f"{unfit.count:,}") for unfit in result.facts.unfit]
        print_table(("set aside from", "because", "rows>"), aside)
    print_lines(f"History came in at {result.facts.per_second_history:,.0f} facts/s, durable and checked.", "")


def _models(result: DemoResult) -> None:
    frozen = result.trained.training_set
    rows = [
        (
            model.name,
            model.version,
            f"{model.evaluation.auc:.4f}" if model.evaluation.auc else None,
            f"{model.evaluation.log_loss:.4f}",
            f"{model.evaluation.calibration_error:.4f}",
            f"{model.train_s:.2f}",
            f"{model.cost_usd * _MICRO:,.2f}",
            f"{model.usd_per_point * _MICRO:,.2f}" if model.usd_per_point is not None else None,
            f"{model.serve_usd_per_million * _MICRO:,.0f}",
        )
        for model in result.trained.models
    ]
    columns = ("model", "version", "AUC>", "log loss>", "calibration error>", "train s>", "train µ$>", "µ$/AUC point>")
    title = f"2. Will this flight arrive more than 15 minutes late? Asked of {frozen.rows:,} flights"
    print_table((*columns, "serve µ$/million>"), rows, title=title)
    same = "the same" if frozen.digest == result.rebuilt_digest else "ANOTHER"
    print_lines(f"Training set {frozen.digest[:12]}; built again from the facts: {same} digest.", "")


def _experiment(result: DemoResult) -> None:
    readout = result.found.readout
    rows = [
        (
            variant.name,
            f"{variant.units:,}",
            f"{variant.n:,}",
            f"{variant.brier:.4f}",
            f"{variant.brier_interval[0]:.4f} to {variant.brier_interval[1]:.4f}",
            f"{variant.auc:.4f}" if variant.auc is not None else None,
            f"{variant.auc_interval[0]:.4f} to {variant.auc_interval[1]:.4f}" if variant.auc_interval else None,
        )
        for variant in readout.variants
    ]
    columns = ("variant", "flights>", "landed>", "Brier>", "95 %", "AUC>", "95 %")
    print_table(columns, rows, title=f"3. The experiment, October to December: {readout.units:,} flights asked live")
    trust = "as meant" if readout.trusted else "NOT as meant"
    print_lines(readout.sentence, f"Shares {trust} (sample-ratio p = {readout.srm_p:.3f}).", "")


def _proof(result: DemoResult) -> None:
    figures, parity = result.document()["endpoint"], result.found.parity
    live = result.replayed
    Console(highlight=False).print(
        Panel(
            f"{figures['requests']:,} requests over HTTP, {figures['errors']} errors; "
            f"p50 {figures['p50_ms']:.2f} ms, p99 {figures['p99_ms']:.2f} ms.\n"
            f"{live.appended:,} facts appended while it answered, {live.appended / live.append_s:,.0f} a second, "
            "each in the online features before the next question.\n"
            f"{parity.values:,} served feature values of {parity.checked:,} predictions recomputed from the facts: "
            f"{parity.unequal} unequal.",
            title="4. Did it hold?",
            title_align="left",
        )
    )


def _bill(result: DemoResult) -> None:
    bill = result.found.bill
    mib = 1 << 20
    rows = [
        (
            line.step,
            f"{line.cpu_s:.2f}",
            f"{line.wall_s:.2f}",
            None if line.read_bytes is None else f"{line.read_bytes / mib:,.0f}",
            None if line.written_bytes is None else f"{line.written_bytes / mib:,.0f}",
            f"{line.usd * _MICRO:,.1f}",
        )
        for line in bill.lines
    ]
    rows.append(("all of it", "", "", "", "", f"{bill.total_usd * _MICRO:,.1f}"))
    columns = ("step", "CPU s>", "wall s>", "read MiB>", "written MiB>", "µ$>")
    print_table(columns, rows, title=f"5. The bill, by price book {bill.book_version}")
    print_lines("")


def _next(result: DemoResult) -> None:
    folder = result.folder
    print_lines(
        "",
        f"All of it in {result.wall_s:.0f} s, and still there in {folder}. What to try next:",
        f"  pressroom why {result.replayed.last_prediction} --dir {folder}",
        f"  pressroom ramp boosting_against_baseline 90% --dir {folder}",
        f"  pressroom rollback late_arrival --dir {folder}",
        "  pressroom demo --serve",
        "  pressroom init my-project",
    )
