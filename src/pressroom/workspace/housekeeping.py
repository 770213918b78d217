"""Housekeeping: which chores a workspace has, by its settings, and what each of them does."""

from collections.abc import Callable

from pressroom.catalog import Catalog
from pressroom.facts import Facts, Upkeep
from pressroom.flows import Swept
from pressroom.values import MICROSECONDS, FactSchema, format_duration, parse_duration
from pressroom.workspace.chores import Chore
from pressroom.workspace.settings import NEVER
from pressroom.workspace.settings import Upkeep as Times


def housekeeping(  # noqa: PLR0913  (what chores are done to)
    times: Times,
    *,
    settle: Callable[[], dict[str, int]],
    upkeep: Upkeep,
    facts: Facts,
    catalog: Catalog,
    fact: Callable[[str], FactSchema],
    sweep: Callable[[int], Swept],
) -> tuple[Chore, ...]:
    """The chores in the order in which they are done."""
    return (
        Chore(name="settle", every_us=_every(times.settle_every), do=lambda: _settle(settle)),
        Chore(name="compact", every_us=_every(times.compact_every), do=lambda: _compact(upkeep)),
        Chore(
            name="vacuum", every_us=_every(times.vacuum_every), do=lambda: _vacuum(upkeep, parse_duration(times.keep))
        ),
        Chore(
            name="sweep",
            every_us=_every(times.sweep_every),
            do=lambda: _swept(sweep(parse_duration(times.keep_unfinished))),
        ),
        Chore(
            name="fresh",
            every_us=_every(times.fresh_every),
            do=lambda: _stale(facts, [fact(name) for name in catalog.names("fact")]),
        ),
    )


def _every(text: str) -> int | None:
    return None if text == NEVER else parse_duration(text)


def _settle(settle: Callable[[], dict[str, int]]) -> list[str]:
    return [f"{fact}: {rows:,} moved to its table." for fact, rows in settle().items() if rows]


def _compact(upkeep: Upkeep) -> list[str]:
    done = upkeep.compact()
    return [
        f"{name}: {one.taken_parts:,} files became {one.put_parts:,}." for name, one in done.items() if one.taken_parts
    ]


def _vacuum(upkeep: Upkeep, keep_us: int) -> list[str]:
    done = upkeep.vacuum(keep_us=keep_us)
    return [
        f"{name}: {one.files:,} files removed, {one.size_bytes:,} bytes." for name, one in done.items() if one.files
    ]


def _swept(done: Swept) -> list[str]:
    return [done.words()] if done.folders else []


def _stale(facts: Facts, schemas: list[FactSchema]) -> list[str]:
    """The facts that promise to be fresh and are not."""
    measures = [measure for schema in schemas for measure in facts.fresh(schema) if not measure.passed]
    return [
        f"{one.fact}: {_age(one.measured)}, expected at most {format_duration(round(one.expected * MICROSECONDS))}."
        for one in measures
    ]


def _age(measured_s: float | None) -> str:
    return "no fact at all" if measured_s is None else f"the newest happened {measured_s:,.0f} s ago"
