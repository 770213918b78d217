"""What a run works with."""

from collections.abc import Callable
from dataclasses import dataclass

from pressroom.flows.line import Line
from pressroom.flows.notebook import Notebook
from pressroom.flows.owner_news import OwnerNews
from pressroom.flows.places import Places
from pressroom.flows.purse import Purse
from pressroom.flows.results import Results
from pressroom.ports import Blobs, Clock, Executor


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The counters of a workspace that a run needs, and its own place in the queue."""

    results: Results
    blobs: Blobs
    notebook: Notebook
    clock: Clock
    line: Line
    purse: Purse
    news: OwnerNews
    executor: Callable[[str], Executor]
    """The one of a name; it starts what it needs with the first attempt."""
    places: Places
