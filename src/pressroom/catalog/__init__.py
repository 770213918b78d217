"""What exists, who owns it, what it was made from, which stage it is in: entries, pointers, lineage, lifecycle, search.

What an entry is never changes; the words about it may. A pointer says which entry of a name is in use, and remembers
which was before. For which purpose an entry may be used is the business of `policy`.
"""

from pressroom.catalog.entry import Entry, Kind, Pointer, Reference
from pressroom.catalog.errors import NotTheOwner, UnknownEntry
from pressroom.catalog.lifecycle import Life, Stage, StageChange, Stages, may_use
from pressroom.catalog.lineage import Node
from pressroom.catalog.search import FeatureCard, search
from pressroom.catalog.service import Catalog
from pressroom.catalog.trust import Trust
from pressroom.catalog.wanted import Wanted, parse_wanted
from pressroom.catalog.withdrawal import Withdrawal

__all__ = [
    "Catalog",
    "Entry",
    "FeatureCard",
    "Kind",
    "Life",
    "Node",
    "NotTheOwner",
    "Pointer",
    "Reference",
    "Stage",
    "StageChange",
    "Stages",
    "Trust",
    "UnknownEntry",
    "Wanted",
    "Withdrawal",
    "may_use",
    "parse_wanted",
    "search",
]
