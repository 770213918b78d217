"""Drawing: a plot with axes as inline SVG. Colours are those of the page's style, so that it follows light and dark."""

import math
from collections.abc import Callable, Sequence
from html import escape

Points = Sequence[tuple[float, float]]


class Plot:
    """A plot that grows: marks in the units of its axes. `x` and `y` are (low, high); `title` is read aloud."""

    def __init__(
        self,
        title: str,
        *,
        x: tuple[float, float],
        y: tuple[float, float],
        size: tuple[int, int] = (420, 300),
        margins: tuple[int, int, int, int] = (14, 16, 44, 54),
    ) -> None:
        """An empty one. `margins` are top, right, bottom and left, in pixels."""
        self._title = title
        self._x, self._y = _wide(x), _wide(y)
        self._size, self._margins = size, margins
        self._marks: list[str] = []

    def at_x(self, value: float) -> float:
        """Where a value of the x axis is, in pixels."""
        low, high = self._x
        _, right, _, left = self._margins
        return left + (value - low) / (high - low) * (self._size[0] - left - right)

    def at_y(self, value: float) -> float:
        """Where a value of the y axis is, in pixels."""
        low, high = self._y
        top, _, bottom, _ = self._margins
        return self._size[1] - bottom - (value - low) / (high - low) * (self._size[1] - top - bottom)

    def axes(
        self,
        x_label: str = "",
        y_label: str = "",
        *,
        x_words: Callable[[float], str] | None = None,
        y_ticks: bool = True,
    ) -> "Plot":
        """Grid, ticks and what the axes mean."""
        for value in ticks(*self._x):
            at = self.at_x(value)
            self._line(at, self.at_y(self._y[0]), at, self.at_y(self._y[1]), "grid")
            self.label(at, self.at_y(self._y[0]) + 16, (x_words or number)(value), "tick", anchor="middle")
        for value in ticks(*self._y) if y_ticks else ():
            at = self.at_y(value)
            self._line(self.at_x(self._x[0]), at, self.at_x(self._x[1]), at, "grid")
            self.label(self.at_x(self._x[0]) - 8, at + 4, number(value), "tick", anchor="end")
        middle = (self.at_x(self._x[0]) + self.at_x(self._x[1])) / 2
        self.label(middle, self._size[1] - 8, x_label, "axis", anchor="middle")
        if y_label:
            at = (self.at_y(self._y[0]) + self.at_y(self._y[1])) / 2
            self._marks.append(
                f'<text class="axis" text-anchor="middle" transform="translate(14 {at:.1f}) rotate(-90)">'
                f"{escape(y_label)}</text>"
            )
        return self

    def line(self, points: Points, kind: str) -> "Plot":
        """A line through points."""
        path = " ".join(f"{self.at_x(x):.1f},{self.at_y(y):.1f}" for x, y in points)
        self._marks.append(f'<polyline class="{kind}" points="{path}"/>')
        return self

    def area(self, points: Points, kind: str) -> "Plot":
        """What lies between a line and the bottom."""
        low = self._y[0]
        path = [(points[0][0], low), *points, (points[-1][0], low)]
        shape = " ".join(f"{self.at_x(x):.1f},{self.at_y(y):.1f}" for x, y in path)
        self._marks.append(f'<polygon class="{kind}" points="{shape}"/>')
        return self

    def dot(self, x: float, y: float, kind: str, *, radius: float = 4.0, says: str = "") -> "Plot":
        """A point; `says` is shown when somebody points at it."""
        told = f"<title>{escape(says)}</title>" if says else ""
        self._marks.append(
            f'<circle class="{kind}" cx="{self.at_x(x):.1f}" cy="{self.at_y(y):.1f}" r="{radius:.1f}">{told}</circle>'
        )
        return self

    def reach(self, low: tuple[float, float], high: tuple[float, float], kind: str) -> "Plot":
        """A straight line between two places, such as an interval."""
        self._line(self.at_x(low[0]), self.at_y(low[1]), self.at_x(high[0]), self.at_y(high[1]), kind)
        return self

    def bar(self, x: tuple[float, float], y: tuple[float, float], kind: str, *, says: str = "") -> "Plot":
        """A rectangle."""
        left, right = sorted((self.at_x(x[0]), self.at_x(x[1])))
        top, bottom = sorted((self.at_y(y[0]), self.at_y(y[1])))
        told = f"<title>{escape(says)}</title>" if says else ""
        self._marks.append(
            f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" width="{max(right - left, 0.5):.1f}" '
            f'height="{max(bottom - top, 0.5):.1f}" rx="2">{told}</rect>'
        )
        return self

    def shade(self, x: tuple[float, float], y: tuple[float, float], kind: str, share: float) -> "Plot":
        """A rectangle as dense as a share, 0 to 1."""
        left, right = sorted((self.at_x(x[0]), self.at_x(x[1])))
        top, bottom = sorted((self.at_y(y[0]), self.at_y(y[1])))
        self._marks.append(
            f'<rect class="{kind}" x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
            f'height="{bottom - top:.1f}" rx="2" opacity="{share:.2f}" pointer-events="none"/>'
        )
        return self

    def text(self, x: float, y: float, words: str, kind: str = "tick", *, anchor: str = "start") -> "Plot":
        """Words at a place of the axes."""
        return self.label(self.at_x(x), self.at_y(y), words, kind, anchor=anchor)

    def label(self, x: float, y: float, words: str, kind: str, *, anchor: str = "start") -> "Plot":
        """Words at a place in pixels."""
        if words:
            self._marks.append(
                f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
            )
        return self

    def svg(self) -> str:
        """The whole drawing."""
        width, height = self._size
        return (
            f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
            f'aria-label="{escape(self._title, quote=True)}">{"".join(self._marks)}</svg>'
        )

    def _line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        self._marks.append(f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers between two: steps of 1, 2 or 5 and a power of ten."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * by for by in (1.0, 2.0, 5.0, 10.0) if power * by >= rough)
    first = math.ceil(low / step - 1e-9)
    return [step * place for place in range(first, math.floor(high / step + 1e-9) + 1)]


def number(value: float) -> str:
    """A number as short as it can be told: 0.25, 12, 3.4k, 1.2M."""
    for by, sign in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= by:
            return f"{value / (1e3 if sign == 'k' else by):.3g}{sign}"
    return f"{value:.3g}" if abs(value) > 1e-12 else "0"


def _wide(reach: tuple[float, float]) -> tuple[float, float]:
    low, high = reach
    return (low, high) if high > low else (low - 0.5, low + 0.5)
