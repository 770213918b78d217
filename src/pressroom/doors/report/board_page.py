"""The board as a page: what nobody reads at the top, what costs most and what was wasted, by day and by whom."""

from collections.abc import Mapping, Sequence
from html import escape

from pressroom.costs import Entry, Statement
from pressroom.doors.report.document import html_page
from pressroom.doors.report.svg import Plot
from pressroom.values import Instant, format_instant
from pressroom.workspace import Board, FeatureCost, Place

_SHOWN = 12
_WORDS = {
    "team": "Teams",
    "flow": "Flows",
    "model": "Models",
    "step": "Steps",
}


def board_page(
    board: Board, *, statements: Mapping[str, Statement], days: Sequence[tuple[str, float, float]], now: Instant
) -> str:
    """One HTML document. `statements` are the bill by team, flow, model and step; `days` are (day, dollars, of them
    wasted), the oldest first, without gaps.
    """
    owners = {place.flow: ", ".join(place.owners) for place in board.by_cost}
    tables = [_by(name, each, owners) for name, each in statements.items() if each.entries]
    parts = [_head(board, statements, now), _unread(board.unread), _trend(days), _waste(board.by_waste), *tables]
    return html_page("Costs and waste", "".join((*parts, _features(board))))


def _head(board: Board, statements: Mapping[str, Statement], now: Instant) -> str:
    whole = next(iter(statements.values()), None)
    total, waste, saved = (0.0, 0.0, 0.0) if whole is None else (whole.total_usd, whole.waste_usd(), whole.saved_usd)
    part = f"{waste / total:.0%} of it" if total else "nothing"
    unread_usd = sum(each.usd() for each in board.unread)
    tiles = (
        (_usd(total), "billed in all"),
        (_usd(waste), f"was waste, {part}: repeated, lost or preempted"),
        (_usd(saved), "was saved by results that were kept"),
        (str(len(board.unread)), f"features nobody reads, {_usd(unread_usd)} in thirty days"),
    )
    said = "".join(f'<div class="tile"><b>{escape(value)}</b><span>{escape(of)}</span></div>' for value, of in tiles)
    sentence = (
        f"{_usd(waste)} of {_usd(total)} bought nothing" if waste else f"{_usd(total)} were spent, none of it in vain"
    )
    at = format_instant(now)[:16].replace("T", " ")
    return (
        f'<header><p class="kicker">As of {escape(at)} UTC</p><h1>{escape(sentence)}.</h1></header>'
        f'<div class="tiles">{said}</div>'
    )


def _unread(features: Sequence[FeatureCost]) -> str:
    if not features:
        return _section("Features nobody reads", "Every feature that is kept has a reader.", "")
    rows = [(each.feature, each.owner or "nobody", _kb(each), _usd(each.usd())) for each in features[:_SHOWN]]
    more = f" {len(features) - _SHOWN} more are not shown." if len(features) > _SHOWN else ""
    words = (
        f"They are computed and kept, and no training set or endpoint asks for them. Their owners can drop them.{more}"
    )
    return _section(
        "Features nobody reads", words, _table(("feature", "owner", "kept", "in thirty days"), rows, left=2)
    )


def _trend(days: Sequence[tuple[str, float, float]]) -> str:
    if not days:
        return ""
    most = max(usd for _, usd, _ in days) or 1.0
    plot = Plot("Dollars by day", x=(0, len(days)), y=(0, most * 1.08), size=(960, 240), margins=(12, 12, 40, 64))
    plot.axes("", "USD", x_words=lambda value: "")
    every = max(1, -(-len(days) // 10))
    for place, (day, usd, waste) in enumerate(days):
        left, right = place + 0.12, place + 0.88
        plot.bar((left, right), (0, usd), "bar", says=f"{day}: {_usd(usd)}, {_usd(waste)} of it waste")
        if waste:
            plot.bar((left, right), (0, waste), "wrong", says=f"{day}: {_usd(waste)} waste")
        if place % every == 0:
            plot.label(plot.at_x(place + 0.5), plot.at_y(0) + 18, day[5:], "tick", anchor="middle")
    return _section(
        "By day", "All that was billed; the lower part of each bar was waste.", f"<figure>{plot.svg()}</figure>"
    )


def _waste(places: Sequence[Place]) -> str:
    if not places:
        return _section("Waste", "Nothing was repeated, lost or preempted.", "")
    rows = [
        (each.flow, ", ".join(each.owners) or "nobody", *(_usd(usd) for usd in _kinds(each)))
        for each in places[:_SHOWN]
    ]
    words = "Repeated: it made what had been made before. Lost: it failed or was stopped. Preempted: it made room."
    columns = ("flow", "owners", "waste", "repeated", "lost", "preempted")
    return _section("Waste, by flow", words, _table(columns, rows, left=2))


def _by(name: str, found: Statement, owners: Mapping[str, str]) -> str:
    entries = sorted(found.entries, key=lambda entry: (-entry.usd, entry.name))
    most = max((entry.usd for entry in entries), default=0.0) or 1.0
    shown = entries[:_SHOWN]
    height = 30 * len(shown) + 12
    plot = Plot(f"{_WORDS[name]} by cost", x=(0, most), y=(0, len(shown)), size=(960, height), margins=(4, 210, 8, 250))
    for place, entry in enumerate(shown):
        y = len(shown) - place - 0.5
        plot.bar((0, entry.usd), (y - 0.32, y + 0.32), "bar", says=_says(entry))
        if entry.waste_usd():
            plot.bar((0, entry.waste_usd()), (y - 0.32, y + 0.32), "wrong", says=_says(entry))
        whose = f" · {owners[entry.name]}" if name == "flow" and owners.get(entry.name) else ""
        plot.label(242, plot.at_y(y) + 4, _short(f"{_named(entry.name)}{whose}"), "name", anchor="end")
        waste = f", {_usd(entry.waste_usd())} waste" if entry.waste_usd() else ""
        plot.label(758, plot.at_y(y) + 4, f"{_usd(entry.usd)}{waste}", "tick", anchor="start")
    more = f" The {_SHOWN} dearest of {len(entries)}." if len(entries) > _SHOWN else ""
    words = f"What each was billed; what of it was waste is in the other colour.{more}"
    return _section(_WORDS[name], words, f"<figure>{plot.svg()}</figure>")


def _features(board: Board) -> str:
    read = [each for each in board.features if each.readers]
    if not read:
        return ""
    rows = [
        (each.feature, each.owner or "nobody", ", ".join(each.readers), _kb(each), _usd(each.usd())) for each in read
    ]
    columns = ("feature", "owner", "readers", "kept", "in thirty days")
    return _section("Features, by cost", "What is read, and by whom.", _table(columns, rows[:_SHOWN], left=3))


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, left: int) -> str:
    kinds = ["" if place < left else ' class="figure"' for place in range(len(columns))]
    head = "".join(f"<th{kind}>{escape(name)}</th>" for name, kind in zip(columns, kinds, strict=True))
    body = "".join(
        f"<tr>{''.join(f'<td{kind}>{escape(text)}</td>' for text, kind in zip(row, kinds, strict=True))}</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def _section(title: str, words: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2><p>{escape(words)}</p>{body}</section>"


def _kinds(place: Place) -> tuple[float, ...]:
    return (place.waste_usd, place.repeated_usd, place.lost_usd, place.preempted_usd)


def _says(entry: Entry) -> str:
    return f"{_named(entry.name)}: {_usd(entry.usd)}, {entry.attempts} attempts, {_usd(entry.of('cached'))} saved"


def _named(name: str) -> str:
    return "nobody said" if name == "-" else name


def _short(words: str) -> str:
    return words if len(words) <= 30 else f"{words[:29]}…"


def _kb(each: FeatureCost) -> str:
    return f"{each.stored_bytes / 1e3:,.1f} KB"


def _usd(value: float) -> str:
    if value == 0:
        return "$0"
    return f"${value:,.2f}" if value >= 0.095 else f"${value:.2g}" if value >= 1e-6 else "under $0.000001"
