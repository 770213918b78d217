"""Progress: a bar for each stage of long work, on stderr, where somebody is watching."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from pressroom.features import Progress

_WORDS = {"rows": "dealing rows", "buckets": "answering buckets", "blocks": "writing rows"}


@contextmanager
def bars(words: Mapping[str, str] = _WORDS) -> Generator[Callable[[Progress], None]]:
    """What to hand to work that tells its progress; nothing is shown where nobody is watching. `words` say what the
    stages are.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    tasks: dict[str, TaskID] = {}
    with Bars(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:

        def told(progress: Progress) -> None:
            stage = progress.stage
            if stage not in tasks:
                tasks[stage] = shown.add_task(words.get(stage, f"dealing {stage}"), total=progress.total)
            shown.update(tasks[stage], completed=progress.done, total=progress.total)

        yield told
