"""Answers on time, and writes them down.

Here live endpoints and their routes, the push and its checks, the rollback, the prediction itself and its log. Bytes
on a wire are a door's business; what an experiment concludes is that of `experiments`.
"""

from pressroom.serving.admission import Cost, Shed, admit, batch_rows
from pressroom.serving.answers import Answers, Piece, Prediction, Shadowed
from pressroom.serving.canary import CANARY, STABLE, broken_promise
from pressroom.serving.check_push import broken_callers
from pressroom.serving.endpoint import Endpoint, EndpointDefinition
from pressroom.serving.errors import (
    DeadlinePassed,
    FeaturesStale,
    ModelFailed,
    NoNumber,
    NotExplainable,
    Overloaded,
    PushRefused,
    Unanswered,
    UnknownEndpoint,
    UnknownVersion,
)
from pressroom.serving.explained import MOST_EXPLAINED, Explained
from pressroom.serving.given import Block, Columns, Given, OneRow, Rows
from pressroom.serving.live import Live
from pressroom.serving.outcomes import outcomes_of
from pressroom.serving.predict import Ask, Predictor
from pressroom.serving.prediction_log import FLUSH_S, PredictionLog, WhenFull
from pressroom.serving.promise import TIERS, CanaryPromise, Fallback, Promise, Tier, fallback_of
from pressroom.serving.push import Pushed
from pressroom.serving.push_steps import PUSH_STEP, PushStep, Verdict
from pressroom.serving.request import MOST_ROWS, CheckedColumns, check_columns, check_rows, columns_of_rows
from pressroom.serving.reroute import Rerouting
from pressroom.serving.route import Route, Share, When
from pressroom.serving.service import Serving
from pressroom.serving.tally import BOUNDS_US, Tally
from pressroom.serving.told import in_trace
from pressroom.serving.trial import Assignment, Rollout
from pressroom.serving.usual import Usual
from pressroom.serving.why import trace_prediction

__all__ = [
    "BOUNDS_US",
    "CANARY",
    "FLUSH_S",
    "MOST_EXPLAINED",
    "MOST_ROWS",
    "PUSH_STEP",
    "STABLE",
    "TIERS",
    "Answers",
    "Ask",
    "Assignment",
    "Block",
    "CanaryPromise",
    "CheckedColumns",
    "Columns",
    "Cost",
    "DeadlinePassed",
    "Endpoint",
    "EndpointDefinition",
    "Explained",
    "Fallback",
    "FeaturesStale",
    "Given",
    "Live",
    "ModelFailed",
    "NoNumber",
    "NotExplainable",
    "OneRow",
    "Overloaded",
    "Piece",
    "Prediction",
    "PredictionLog",
    "Predictor",
    "Promise",
    "PushRefused",
    "PushStep",
    "Pushed",
    "Rerouting",
    "Rollout",
    "Route",
    "Rows",
    "Serving",
    "Shadowed",
    "Share",
    "Shed",
    "Tally",
    "Tier",
    "Unanswered",
    "UnknownEndpoint",
    "UnknownVersion",
    "Usual",
    "Verdict",
    "When",
    "WhenFull",
    "admit",
    "batch_rows",
    "broken_callers",
    "broken_promise",
    "check_columns",
    "check_rows",
    "columns_of_rows",
    "fallback_of",
    "in_trace",
    "outcomes_of",
    "trace_prediction",
]
