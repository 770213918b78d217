"""`pressroom init`: a project to start from."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from pressroom.doors.cli.failures import FolderTaken
from pressroom.doors.cli.options import Json
from pressroom.doors.cli.printing import print_json, print_lines
from pressroom.doors.cli.samples import END, sample_files

_TEMPLATES = {
    "pressroom.toml": "pressroom.toml.txt",
    "definitions.py": "definitions.py.txt",
    ".gitignore": "gitignore.txt",
}


def init_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The project's folder, new or without a project.")],
    *,
    name: Annotated[str, typer.Option(help="What it is called; without it, as its folder.", show_default=False)] = "",
    as_json: Json = False,
) -> None:
    """Write a project to start from: settings, definitions of a small shop that delivers, and sample facts.

    No file that is there already is touched.

    Example:
      pressroom init shop
    """
    called = " ".join((name or folder.resolve().name).split())
    wanted = {folder / target: _template(source, called) for target, source in _TEMPLATES.items()}
    wanted |= {folder / "samples" / target: text for target, text in sample_files().items()}
    taken = next((path for path in wanted if path.exists()), None)
    if taken is not None:
        raise FolderTaken(f"{folder} has a {taken.relative_to(folder)} already.", next_step="Choose another folder.")
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    steps = next_steps(folder)
    if as_json:
        written = [str(path.relative_to(folder)) for path in wanted]
        print_json({"name": called, "folder": str(folder), "files": written, "next": steps})
        return
    print_lines(f"{called}: {len(wanted)} files in {folder}. Next:", "", *(f"  {step}" for step in steps))


def next_steps(folder: Path) -> list[str]:
    """The commands that take a new project from its facts to an experiment."""
    return [
        f"cd {folder}",
        "pressroom plan",
        "pressroom apply",
        "pressroom append ordered samples/ordered.csv --known event",
        "pressroom append delivered samples/delivered.csv --known 'event + 5min'",
        "pressroom train late_delivery",
        "pressroom push delivery_risk",
        "pressroom ramp delivery_model 50%",
        f"pressroom predict delivery_risk @samples/requests.jsonl --as-of {END}",
        "pressroom append delivered samples/delivered_later.csv --known 'event + 5min'",
        "pressroom readout delivery_model",
    ]


def _template(name: str, called: str) -> str:
    text = files("pressroom.doors.cli").joinpath("template", name).read_text(encoding="utf-8")
    return text.replace("{name}", called)
