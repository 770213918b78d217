"""Settling: facts move from the log into their tables, where other tools can read them in place."""

from collections import defaultdict

import pyarrow as pa

from pressroom.facts.arrow import from_payload
from pressroom.ports import Log, Stored, Tables


def settle(*, tables: Tables, log: Log) -> dict[str, int]:
    """Move what the log holds into tables, and say how many rows of each fact moved.

    Each table takes its rows and its position in the log in one step, so a kill at any moment repeats nothing.
    """
    waiting: dict[str, list[Stored]] = defaultdict(list)
    end = log.first()
    for stored in log.read():
        waiting[stored.entry.topic].append(stored)
        end = stored.next_position
    moved: dict[str, int] = {}
    for topic, entries in waiting.items():
        position = tables.position(topic)
        fresh = [stored for stored in entries if stored.position >= position]
        if fresh:
            parts = [from_payload(stored.entry.payload, first_seq=stored.first_seq) for stored in fresh]
            rows = pa.concat_tables(parts, promote_options="default")
            tables.append(topic, rows, position=end)
            moved[topic] = rows.num_rows
    return moved
