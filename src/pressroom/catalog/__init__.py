"""What exists, who owns it, what it was made from: entries, pointers and lineage.

An entry never changes; a pointer says which entry of a name is in use, and remembers which was before. Who may use an
entry for what is the business of `policy`.
"""

from pressroom.catalog.entry import Entry, Kind, Pointer, Reference
from pressroom.catalog.errors import UnknownEntry
from pressroom.catalog.lineage import Node
from pressroom.catalog.service import Catalog

__all__ = ["Catalog", "Entry", "Kind", "Node", "Pointer", "Reference", "UnknownEntry"]
