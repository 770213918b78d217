"""The plots of a training on a table."""

from itertools import pairwise

import numpy as np

from pressroom.doors.report.svg import Plot, number
from pressroom.stats import calibration, ranking_curves
from pressroom.training import TrainedTable
from pressroom.values import format_instant

_ROW = 34
_MOST_POINTS = 700
_MOST_BARS = 15


def models_plot(trained: TrainedTable) -> str:
    """The first figure of each model with its interval, the picked one in colour."""
    told = [(line, line.figures[0]) for line in trained.models]
    low, high = min(figure.low for _, figure in told), max(figure.high for _, figure in told)
    room = 0.06 * (high - low or 1.0)
    height = _ROW * len(told) + 58
    plot = Plot(
        f"{told[0][1].name} of each model", x=(low - room, high + room), y=(0, len(told)), size=(640, height),
        margins=(10, 84, 44, 110),
    )  # fmt: skip
    plot.axes(f"{told[0][1].name} on the validation part, with its 95 % interval", y_ticks=False)
    for place, (line, figure) in enumerate(told):
        y, kind = len(told) - place - 0.5, "picked" if line.name == trained.winner().name else "other"
        plot.reach((figure.low, y), (figure.high, y), f"{kind} reach")
        plot.dot(figure.value, y, kind, radius=6, says=f"{line.name}: {figure.words()}")
        plot.label(100, plot.at_y(y) + 4, line.name, f"name {kind}-text", anchor="end")
        plot.label(568, plot.at_y(y) + 4, f"{figure.value:.4g}", "name", anchor="start")
    return plot.svg()


def calibration_plot(trained: TrainedTable) -> str:
    """Chances against what happened, before and after they were corrected."""
    judged = trained.judged
    plot = Plot("Calibration", x=(0.0, 1.0), y=(0.0, 1.0)).axes("predicted chance", "how often it happened")
    plot.reach((0, 0), (1, 1), "ideal")
    for answers, kind in ((judged.raw, "hollow"), (judged.answers, "picked")):
        slices = calibration(judged.y, np.clip(answers, 0.0, 1.0))
        most = max(each.n for each in slices)
        if kind == "picked":
            plot.line([(each.mean_predicted, each.observed) for each in slices], "curve")
        for each in slices:
            error = 1.96 * (each.observed * (1 - each.observed) / each.n) ** 0.5
            if kind == "picked" and error:
                low, high = max(0.0, each.observed - error), min(1.0, each.observed + error)
                plot.reach((each.mean_predicted, low), (each.mean_predicted, high), "whisker")
            says = f"{each.n:,} rows: {each.mean_predicted:.1%} predicted, {each.observed:.1%} happened"
            plot.dot(each.mean_predicted, each.observed, kind, radius=2.5 + 5 * (each.n / most) ** 0.5, says=says)
    return plot.svg()


def roc_plot(trained: TrainedTable) -> str:
    """Who is found at the price of how many false alarms."""
    false, true, _ = ranking_curves(trained.judged.y, trained.judged.answers)
    points = [(0.0, 0.0), *zip(false.tolist(), true.tolist(), strict=True)]
    plot = Plot("ROC curve", x=(0.0, 1.0), y=(0.0, 1.0)).axes("false alarms among the others", "found")
    return plot.area(points, "under").reach((0, 0), (1, 1), "ideal").line(points, "curve").svg()


def precision_plot(trained: TrainedTable) -> str:
    """How many of those that are named are right, against how many are found."""
    _, recall, precision = ranking_curves(trained.judged.y, trained.judged.answers)
    usual = float(trained.judged.y.mean())
    points = list(zip(recall.tolist(), precision.tolist(), strict=True))
    plot = Plot("Precision and recall", x=(0.0, 1.0), y=(0.0, 1.0)).axes("found", "right among the named")
    plot.reach((0, usual), (1, usual), "ideal").text(0.02, usual - 0.05, f"at random {usual:.0%}")
    return plot.line(points, "curve").svg()


def answers_plot(trained: TrainedTable) -> str:
    """Predicted against what it was, a point a row (some of them where there are many)."""
    y, answers = trained.judged.y, trained.judged.answers
    step = max(1, len(y) // _MOST_POINTS)
    reach = (float(min(y.min(), answers.min())), float(max(y.max(), answers.max())))
    plot = Plot("Predicted and actual", x=reach, y=reach).axes(f"predicted {trained.task.target}", "what it was")
    plot.reach((reach[0], reach[0]), (reach[1], reach[1]), "ideal")
    for one, told in zip(answers[::step].tolist(), y[::step].tolist(), strict=True):
        plot.dot(one, told, "cloud", radius=2.5)
    return plot.svg()


def residuals_plot(trained: TrainedTable) -> str:
    """By how much answers were off, as a histogram."""
    off = trained.judged.y - trained.judged.answers
    counts, edges = np.histogram(off, bins=min(40, max(10, len(off) // 20)))
    plot = Plot("Residuals", x=(float(edges[0]), float(edges[-1])), y=(0.0, float(counts.max()) * 1.05))
    plot.axes("what it was, less what was predicted", "rows")
    for count, low, high in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        plot.bar((low, high), (0, count), "bar", says=f"{count:,} rows from {number(low)} to {number(high)}")
    return plot.reach((0, 0), (0, float(counts.max()) * 1.05), "zero").svg()


def classes_plot(trained: TrainedTable) -> str:
    """Of the rows of each class, which share was answered as which."""
    classes, judged = trained.task.classes, trained.judged
    said = judged.answers.argmax(axis=1)
    count = len(classes)
    cell = max(22, min(54, 420 // count))
    plot = Plot(
        "Answers by class", x=(0, count), y=(0, count), size=(max(cell * count + 170, 420), cell * count + 80),
        margins=(30, max(20, 250 - cell * count), 50, 150),
    )  # fmt: skip
    for row, text in enumerate(classes):
        mine = judged.y == row
        plot.label(142, plot.at_y(count - row - 0.5) + 4, text[:20], "tick", anchor="end")
        plot.label(plot.at_x(row + 0.5), 22, text[: max(3, cell // 7)], "tick", anchor="middle")
        for column in range(count):
            share = float((said[mine] == column).mean()) if mine.any() else 0.0
            kind = "right" if row == column else "wrong"
            says = f"{text} answered as {classes[column]}: {share:.1%}"
            plot.bar((column + 0.04, column + 0.96), (count - row - 0.96, count - row - 0.04), "cell", says=says)
            plot.shade((column + 0.04, column + 0.96), (count - row - 0.96, count - row - 0.04), kind, share)
            if share >= 0.005:
                plot.text(column + 0.5, count - row - 0.58, f"{share:.0%}", "cellword", anchor="middle")
    plot.label(plot.at_x(count / 2), cell * count + 62, "answered as (columns), was (rows)", "axis", anchor="middle")
    return plot.svg()


def importance_plot(trained: TrainedTable) -> str:
    """How much worse the answers get without each column."""
    told = trained.importances[:_MOST_BARS]
    high = max([1e-9, *(one.rise + one.spread for one in told)])
    low = min([0.0, *(one.rise for one in told)])
    height = 26 * len(told) + 54
    plot = Plot(
        "Importance of columns", x=(low, high * 1.05), y=(0, len(told)), size=(640, height), margins=(6, 60, 44, 180)
    )
    plot.axes("rise of the loss when the column is shuffled", y_ticks=False)
    for place, one in enumerate(told):
        y = len(told) - place - 0.5
        plot.bar((0, one.rise), (y - 0.32, y + 0.32), "bar", says=f"{one.column}: {one.rise:.4g}")
        plot.reach((one.rise - one.spread, y), (one.rise + one.spread, y), "whisker")
        plot.label(172, plot.at_y(y) + 4, one.column[:26], "tick", anchor="end")
    return plot.svg()


def split_plot(trained: TrainedTable) -> str:
    """The parts over time; or their shares, where rows have no time."""
    parts = trained.parts
    kinds = {"train": "train", "validation": "validation", "test": "test"}
    firsts = [part.first for part in parts if part.first is not None]
    lasts = [part.last for part in parts if part.last is not None]
    if trained.by == "time" and firsts and lasts:
        low, high = float(min(firsts)), float(max(lasts))
        spans = [(float(part.first or 0), float(part.last or 0)) for part in parts]
    else:
        ends = np.cumsum([0.0, *(part.share for part in parts)]).tolist()
        low, high, spans = 0.0, 1.0, list(pairwise(ends))
    plot = Plot("The split", x=(low, high), y=(0, 1), size=(640, 104), margins=(24, 24, 34, 24))
    for part, (start, end) in zip(parts, spans, strict=True):
        more = "" if part.positive is None else f"; {trained.task.positive} in {part.positive:.1%}"
        plot.bar((start, end), (0.1, 0.9), kinds[part.name], says=f"{part.rows:,} rows{more}")
        plot.label(plot.at_x((start + end) / 2), plot.at_y(0.5) + 4, part.name, "onbar", anchor="middle")
        plot.label(plot.at_x((start + end) / 2), 16, f"{part.rows:,} rows", "tick", anchor="middle")
    if trained.by == "time":
        for place, (start, _) in enumerate(spans):
            anchor = "start" if place == 0 else "middle"
            plot.label(plot.at_x(start), 92, format_instant(int(start))[:10], "tick", anchor=anchor)
        plot.label(plot.at_x(high), 92, format_instant(int(high))[:10], "tick", anchor="end")
    return plot.svg()
