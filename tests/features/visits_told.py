"""Random histories of visits: told late, twice, wrongly and about nobody. Made from a seed, many histories at a time.

Histories that are told together share the moments at which something is told, and nothing else: each is about guests
and places of its own. That keeps a history cheap, so that very many can be tried.
"""

import math
import random
from collections import Counter
from dataclasses import dataclass, field, replace

from tests.features.visits_plain import HOUR, MINUTE

START = 1_357_002_000_000_000
STEP = 30 * MINUTE
SPENT = [None, 0.1, 0.2, 0.3, 1.0, 2.5, 2.5, 7.0, -3.0, 0.0, -0.0]
STRANGE = [math.nan, math.inf, -math.inf, 1e300, 1.7e308, -1.7e308, 5e-324]
PLATES = [None, 0, 1, 1, 2, -3, 7, 2**53 + 1, 2**63 - 1, -(2**63)]
DISHES = [None, "", "a", "a", "b\0", "ö", "\U0001d538", "soup " * 9]
TASTES = [None, [0.5, -1.0], [0.0, 3.0]]


@dataclass(frozen=True)
class Told:
    """Something that is told in a step: a row about a guest that is new, corrects earlier ones, or takes them back."""

    history: int
    fact: str
    change: str
    row: dict


@dataclass(frozen=True)
class Step:
    """What is told at one moment, and asked afterwards. `doing`: what becomes of the log besides."""

    now: int
    told: tuple
    asked: tuple
    repeats: bool = True
    sent_twice: bool = False
    doing: str = ""


@dataclass
class _History:
    """What a history has said so far."""

    number: int
    said: list = field(default_factory=list)

    def name(self, letter):
        return letter and f"{letter}{self.number}"


def steps_of(seed, histories):
    """The steps of so many histories."""
    draw = random.Random(seed)
    told = [_History(number) for number in range(histories)]
    now = START + draw.randrange(48) * STEP + draw.choice([0, 0, 1, MINUTE])
    steps = []
    for _ in range(draw.randint(3, 5)):
        before, now = now, now + draw.choice([1, 7 * MINUTE, STEP, HOUR, 2 * HOUR, 2 * HOUR, 5 * HOUR, 14 * HOUR])
        rows = [row for history in told for row in _told(draw, history, before, now)]
        steps.append(
            Step(
                now=now,
                told=tuple(rows),
                asked=tuple(row for history in told for row in _asked(draw, history, now)),
                repeats=draw.random() < 0.7,
                sent_twice=draw.random() < 0.25,
                doing=draw.choice(["", "", "", "settle", "trim"]),
            )
        )
    return steps


def _told(draw, history, before, now):
    rows = []
    for _ in range(draw.choice([0, 1, 2, 3, 4, 5])):
        row = _visit(draw, history, before, now)
        rows.append(Told(history.number, "visit", "says", row))
        history.said.append(("visit", row))
        if draw.random() < 0.1:
            rows.append(rows[-1])
    if draw.random() < 0.4:
        rows.append(_move(draw, history, before, now))
    for change in ("corrects", "retracts"):
        if history.said and draw.random() < 0.3:
            rows += _changed(draw, history, change, before, now)
    return rows


def _visit(draw, history, before, now):
    known = _known(draw, before, now)
    visits = [row for fact, row in history.said if fact == "visit"]
    row = {
        "event": _event(draw, known),
        "known": known,
        "guest": history.name(draw.choice("aaaabbb") if draw.random() < 0.93 else None),
        "place": history.name(draw.choice("xxy") if draw.random() < 0.93 else None),
        **_what(draw),
    }
    if visits and draw.random() < 0.2:
        other = draw.choice(visits)
        row.update({name: other[name] for name in ("event", "guest", "place")})
        if draw.random() < 0.5 and other["known"] <= now:
            row["known"] = other["known"]
    return row


def _what(draw):
    return {
        "spent": draw.choice(SPENT if draw.random() < 0.92 else STRANGE),
        "plates": draw.choice(PLATES),
        "dish": draw.choice(DISHES),
        "taste": draw.choice(TASTES),
        "mood": draw.choice(["calm", "calm", "cross", None]),
        "happy": draw.choice([True, False, None]),
    }


def _move(draw, history, before, now):
    known = _known(draw, before, now)
    row = {
        "event": _event(draw, known),
        "known": known,
        "guest": history.name(draw.choice("aab") if draw.random() < 0.95 else None),
        "home": history.name(draw.choice("xxxy") if draw.random() < 0.85 else None),
    }
    history.said.append(("moved", row))
    return Told(history.number, "moved", "says", row)


def _changed(draw, history, change, before, now):
    fact, old = draw.choice(history.said)
    moments = [now, now - min(now - before, MINUTE)]
    draw.shuffle(moments)
    row = {**old, "known": moments[0]}
    if draw.random() < 0.1:
        row["event"] += 1
    if change == "corrects":
        row.update(_what(draw) if fact == "visit" else {})
        if fact == "visit":
            history.said.append((fact, row))
    once = Told(history.number, fact, change, row)
    return [once] if draw.random() < 0.8 else [once, replace(once, row={**row, "known": moments[1]})]


def _known(draw, before, now):
    """Mostly just now; at times as an older platform knew it, or a little later than now."""
    kind = draw.random()
    if kind < 0.1:
        return now - draw.choice([HOUR, 3 * HOUR, 10 * HOUR])
    if kind < 0.13:
        return now + draw.choice([1, 10 * MINUTE])
    return now - draw.choice([0, 0, 0, min(1, now - before), min(5 * MINUTE, now - before)])


def _event(draw, known):
    """On a grid of half hours, so that many tie; some on the very edge of a window, some in the future."""
    steps = draw.choice([0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 8, 11, 20, 30])
    if draw.random() < 0.04:
        steps = -1
    if draw.random() < 0.15:
        return known - draw.choice([0, HOUR, 90 * MINUTE, 2 * HOUR, 3 * HOUR, 5 * HOUR]) + draw.choice([-1, 0, 1])
    return (known // STEP - steps) * STEP + draw.choice([0, 0, 0, 0, 1])


def _asked(draw, history, now):
    """A row about now, and at times one about a little earlier."""
    for back in [0] if draw.random() < 0.6 else [0, draw.choice([1, 1, 5 * MINUTE, 59 * MINUTE, HOUR])]:
        yield {
            "history": history.number,
            "as_of": now - back,
            "guest": history.name(draw.choice("aaabbc") if draw.random() < 0.95 else None),
            "place": history.name(draw.choice("xxyz") if draw.random() < 0.95 else None),
            "price": draw.choice([None, 0.0, 1.0, 5.0, math.nan]),
        }


def disturbances(steps):
    """How many rows of each kind there are, and of what: a generator may not become tame unseen."""
    found = Counter()
    said = set()
    for step in steps:
        in_batch = set()
        for one in step.told:
            row = one.row
            keys = [name for name in ("guest", "place", "home") if name in row]
            at = (one.fact, row["event"], *(row[name] for name in keys))
            if one.change != "says":
                found[f"{one.change} {'something' if at in said else 'nothing'}"] += 1
                continue
            whole = repr((at, row))
            found["duplicate in a batch"] += whole in in_batch
            found["duplicate of a batch"] += step.sent_twice
            in_batch.add(whole)
            found["tied"] += at in said
            said.add(at)
            found["null-keyed"] += any(row[name] is None for name in keys)
            found["late"] += row["known"] - row["event"] >= 2 * HOUR
            found["dated ahead"] += row["event"] > row["known"]
            found["known before it was told"] += row["known"] <= step.now - HOUR
            found["not known yet"] += row["known"] > step.now
            found["strange number"] += repr(row.get("spent")) in {repr(number) for number in STRANGE}
        found["asked about now"] += sum(row["as_of"] == step.now for row in step.asked)
        found["asked about earlier"] += sum(row["as_of"] < step.now for row in step.asked)
        found["step"] += 1
    return found
