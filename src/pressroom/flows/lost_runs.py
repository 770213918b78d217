"""Runs whose process was lost: what they could not tell any more is told by whoever finds them."""

from pathlib import Path

from pressroom.flows.attempt_facts import RunNote
from pressroom.flows.journal import JournalLine, read_journal
from pressroom.flows.owner_news import NewsMeans, OwnerNews
from pressroom.flows.runner import JOURNAL
from pressroom.flows.work_news import Work, line_news, was_lost


def tell_lost(note: RunNote, folder: Path, means: NewsMeans) -> None:
    """Tell its owner, if it was at work that tells how it goes: what of that was not told, and that nobody is at it."""
    news = OwnerNews(means, run=note.run, owner=note.owner, shown=_nobody)
    last: tuple[Work, JournalLine] | None = None
    for journal in sorted(folder.glob(f"*/{JOURNAL}")):
        attempt = journal.parent.name
        number, _, step = attempt.partition("-")
        work = Work(run=note.run, attempt=attempt, step=step.partition(".")[0], call=int(number))
        for line in read_journal(journal)[0]:
            found = line_news(work, line, None)
            if found is not None:
                news.tell(found)
            if last is None or line.at >= last[1].at:
                last = (work, line)
    if last is not None and last[1].kind != "ended":
        news.tell(was_lost(*last, at=means.clock.now()))
    news.close()


def _nobody(words: str) -> None:
    """Nobody looks at this run."""
