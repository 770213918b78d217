"""Pure mathematics on numbers and numpy arrays: sums that do not rot, moments, scores, comparisons, quantiles.

Nothing here reads, writes or knows what a feature, a model or an experiment is. Distributions and special functions are
scipy's, HyperLogLog is datasketches'. What does not live here: hashing (`values`), and the meaning of any number.

scipy is called by full names: it reads each of its parts when it is first used, and who serves predictions needs none.
"""

from pressroom.stats.calibrate import NEAREST_CHANCE, Calibration, log_odds, platt, steps, temperature
from pressroom.stats.comparisons import difference, relative_difference, srm_p
from pressroom.stats.curves import ranking_curves
from pressroom.stats.distinct_sketch import count_sketched, sketch_distinct
from pressroom.stats.elementary import cos, exp, log, log1p, sin
from pressroom.stats.exact_sums import PrefixSums, paired_prefix_sums, prefix_sums
from pressroom.stats.log_buckets import NAN_BUCKET, buckets, standing_for
from pressroom.stats.moments import Interval, Moments, Sample, interval, proportion
from pressroom.stats.quantiles import p50, p99, quantile, quantiles
from pressroom.stats.resample import bootstrap_mean
from pressroom.stats.scores import (
    CalibrationBin,
    auc,
    auc_interval,
    brier,
    calibration,
    expected_calibration_error,
    log_loss,
)
from pressroom.stats.spread import FAR, sample_deviation, squares_in_two

__all__ = [
    "FAR",
    "NAN_BUCKET",
    "NEAREST_CHANCE",
    "Calibration",
    "CalibrationBin",
    "Interval",
    "Moments",
    "PrefixSums",
    "Sample",
    "auc",
    "auc_interval",
    "bootstrap_mean",
    "brier",
    "buckets",
    "calibration",
    "cos",
    "count_sketched",
    "difference",
    "exp",
    "expected_calibration_error",
    "interval",
    "log",
    "log1p",
    "log_loss",
    "log_odds",
    "p50",
    "p99",
    "paired_prefix_sums",
    "platt",
    "prefix_sums",
    "proportion",
    "quantile",
    "quantiles",
    "ranking_curves",
    "relative_difference",
    "sample_deviation",
    "sin",
    "sketch_distinct",
    "squares_in_two",
    "srm_p",
    "standing_for",
    "steps",
    "temperature",
]
