"""The front of the command line: which commands there are. What each does is in the file called after it."""

from typing import Annotated

import typer

from pressroom import __version__
from pressroom.doors.cli.commands import Commands, Summary

SUMMARIES = (
    Summary("demo", "Start", "The whole floor on real flights, once around."),
    Summary("init", "Start", "A project to start from, with sample facts."),
    Summary("plan", "Start", "What the definitions would change here, and whom that would break."),
    Summary("apply", "Start", "Put the definitions in force."),
    Summary("status", "Start", "What is in the workspace."),
    Summary("append", "Facts", "Facts in, from CSV, Parquet, Arrow or JSON lines."),
    Summary("control", "Facts", "The control server: facts in over HTTP."),
    Summary("set-aside", "Facts", "Rows that were not appended, and why."),
    Summary("quality", "Facts", "What facts declare about their rows, and what was measured."),
    Summary("upkeep", "Facts", "Settle, compact, vacuum and sweep, whatever is due."),
    Summary("settle", "Facts", "Move facts from the log to the tables."),
    Summary("compact", "Facts", "Small files of tables become few."),
    Summary("vacuum", "Facts", "Remove what only older versions of tables need."),
    Summary("forget", "Facts", "A subject out of every store, for good, with a receipt."),
    Summary("features", "Features", "Which features there are, whose, how fresh, and who uses them."),
    Summary("features-check", "Features", "Are they equal offline, online and by their definition?"),
    Summary("promote", "Features", "Make a feature view available to other teams."),
    Summary("demote", "Features", "Take a promotion back."),
    Summary("train", "Models", "Training set or table, baseline, candidates, report."),
    Summary("models", "Models", "Which models there are, in which versions, and how each serves."),
    Summary("ensemble", "Models", "Where each node of an ensemble runs, why, and what a row costs."),
    Summary("alias", "Models", "A name, such as production, for one version of a model."),
    Summary("trust", "Models", "Sign for a model that is code, as its owner."),
    Summary("push", "Models", "Let a model answer, through the checks."),
    Summary("rollback", "Models", "Let the version before answer again, at once."),
    Summary("route", "Models", "Which models of an endpoint answer whom: shares, rules, shadows."),
    Summary("pushes", "Models", "What happened to an endpoint, step by step."),
    Summary("serve", "Answers", "The prediction server."),
    Summary("token", "Answers", "Who may ask the servers."),
    Summary("endpoint", "Answers", "Who answers for an endpoint, and what is worked out once."),
    Summary("predict", "Answers", "Ask an endpoint, without a server."),
    Summary("why", "Answers", "One prediction, explained in layers."),
    Summary("parity", "Answers", "Were the features that were served the right ones?"),
    Summary("run", "Work", "A flow, step by step; what was made before is not made again."),
    Summary("runs", "Work", "Which runs there were, and what became of them."),
    Summary("run-plan", "Work", "What a run would do, and why."),
    Summary("run-check", "Work", "Can a flow be run, and its results be kept?"),
    Summary("run-why", "Work", "Why a step was run again, or failed."),
    Summary("run-logs", "Work", "What an attempt printed, also while it runs."),
    Summary("run-curve", "Work", "How a training goes: its metrics, checkpoints and troubles, also while it runs."),
    Summary("run-resume", "Work", "A run again, from where it stopped."),
    Summary("run-debug", "Work", "An attempt again, here, with the inputs that it had."),
    Summary("run-cancel", "Work", "Stop a run."),
    Summary("sweep", "Work", "Remove what unfinished steps left behind."),
    Summary("backfill", "Work", "A flow for every period of a stretch that was not done yet."),
    Summary("schedule", "Work", "Run flows by their schedules."),
    Summary("schedules", "Work", "Which flows run by themselves, when next, and why not yet."),
    Summary("schedule-pause", "Work", "Let a schedule rest."),
    Summary("schedule-resume", "Work", "Let a schedule go on."),
    Summary("executors", "Work", "Where steps can run here, and what each place enforces."),
    Summary("drain", "Work", "Empty a node of the cluster: what runs there goes on elsewhere."),
    Summary("preflight", "Work", "Two minutes before a long run: everything it needs, tried."),
    Summary("queue", "Work", "Who works on this machine, and who waits for what, and why."),
    Summary("simulate", "Work", "Days of a machine in seconds, under the rules of this one."),
    Summary("ramp", "Decisions", "Move an experiment's share."),
    Summary("readout", "Decisions", "What an experiment shows so far."),
    Summary("bill", "Decisions", "What was used, by whom, and what that cost."),
    Summary("board", "Decisions", "What costs most, and what was spent for nothing, with names."),
)


class Pressroom(Commands):
    """The commands of Pressroom."""

    summaries = SUMMARIES


app = typer.Typer(
    cls=Pressroom,
    rich_markup_mode="rich",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(asked: bool) -> None:  # noqa: FBT001  (typer calls it so)
    if asked:
        typer.echo(f"pressroom {__version__}")
        raise typer.Exit


@app.callback()
def pressroom(
    ctx: typer.Context,
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """The production floor for machine learning: facts, features, models, endpoints, experiments.

    Start with a project of your own:
      pressroom init shop
    """
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def main() -> None:
    """Run the command line of this process, and exit."""
    app()
