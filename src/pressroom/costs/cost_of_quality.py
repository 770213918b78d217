"""What one more point of quality costs."""

_POINT = 0.01


def cost_of_a_point(baseline_quality: float, quality: float, baseline_usd: float, usd: float) -> float | None:
    """Extra dollars for each point (0.01) of quality gained over the baseline; more quality is better.

    Negative when the better one is also the cheaper one. None when quality does not exceed the baseline (or is NaN):
    then no money bought any.
    """
    if not quality > baseline_quality:
        return None
    return (usd - baseline_usd) / ((quality - baseline_quality) / _POINT)
