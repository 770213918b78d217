"""`pressroom train TABLE --target COLUMN`: from a table to a model that can be pushed, without code."""

from collections.abc import Sequence
from pathlib import Path

from pressroom.doors.cli.failures import FolderTaken
from pressroom.doors.cli.printing import print_json, print_lines, print_table, tell
from pressroom.doors.cli.progress import bars
from pressroom.doors.report import report_page
from pressroom.facts import FORMATS
from pressroom.training import ModelLine, TrainedTable
from pressroom.workspace import TableHow, open_workspace

_WORDS = {
    "linear": "linear model",
    "boosting": "gradient boosting",
    "network": "neural network",
    "packing": "packing",
    "judging": "judging",
}


def train_on_table(table: str, target: str, how: TableHow, *, report: Path | None, folder: Path, as_json: bool) -> None:
    """Train, print what came of it, and write the report page (without a path: NAME.html beside the workspace)."""
    _begin_workspace(table, folder)
    with open_workspace(folder) as workspace, bars(_WORDS) as progress:
        trained = workspace.train_table(table, target=target, **{**how, "told": progress})
    page = report or folder / f"{trained.name}.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(report_page(trained), encoding="utf-8")
    if as_json:
        print_json({**trained.document(), "report": str(page)})
        return
    print_lines(trained.sentence(), "")
    figures = [figure.name for figure in trained.models[0].figures[:2]]
    columns = ("model", *(f"{name}>" for name in figures), "fit, s>", "us a row>", "bytes>", "")
    print_table(columns, [_row(line, trained) for line in trained.models])
    print_lines(f"{trained.winner().name} was picked: {trained.picked.words()}.", f"Split {trained.split}.")
    print_lines(*_looked_at(trained), "", f"The report: {page}", *_next_steps(trained))


def _begin_workspace(table: str, folder: Path) -> None:
    """Make the folder a workspace where a file is trained on in one that is none."""
    settings = folder / "pressroom.toml"
    if settings.exists() or not (Path(table).suffix.lower() in FORMATS and Path(table).is_file()):
        return
    if folder.exists() and not folder.is_dir():
        raise FolderTaken(f"{folder} is no folder.", next_step="Name another with --dir.")
    folder.mkdir(parents=True, exist_ok=True)
    settings.write_text(
        "# A workspace of Pressroom; what can be set here is in `pressroom init`'s.\n", encoding="utf-8"
    )
    tell(f"Made a workspace here: {settings}")


def _row(line: ModelLine, trained: TrainedTable) -> tuple[object, ...]:
    figures = [f"{figure.value:.4f} ({figure.low:.3f} to {figure.high:.3f})" for figure in line.figures[:2]]
    picked = "picked" if line.name == trained.winner().name else ""
    return (line.name, *figures, f"{line.fit_s:.2f}", f"{line.us_per_row:.0f}", f"{line.size_bytes:,}", picked)


def _looked_at(trained: TrainedTable) -> list[str]:
    """What was left out and what somebody should look at."""
    lines = [f"Left out: {one.column} {one.words}." for one in trained.findings if one.left_out]
    lines += [f"Kept, as asked: {one.column} {one.words}." for one in trained.findings if one.kept]
    lines += [f"Look at: {one.column} {one.words}." for one in trained.findings if not one.left_out and not one.kept]
    lines += [f"Moved between train and test: {one.column}; {one.words}." for one in trained.drifted]
    lines += [f"Not trained: {name}, for {why}" for name, why in trained.skipped]
    return [*lines, *trained.warnings]


def _next_steps(trained: TrainedTable) -> Sequence[str]:
    return [f"Let it answer: {step}" if place == 0 else f"               {step}"
            for place, step in enumerate(trained.next_steps())]  # fmt: skip
