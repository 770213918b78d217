"""Answers on time, and writes them down.

Here live endpoints and their routes, the push and its checks, the rollback, the prediction itself and its log. Bytes
on a wire are a door's business; what an experiment concludes is that of `experiments`.
"""

from pressroom.serving.endpoint import Endpoint, EndpointDefinition
from pressroom.serving.errors import PushRefused, UnknownEndpoint
from pressroom.serving.live import Live
from pressroom.serving.predict import Prediction, Predictor
from pressroom.serving.prediction_log import FLUSH_S, PredictionLog
from pressroom.serving.push import Assignment, Pushed, Verdict
from pressroom.serving.request import MOST_ROWS, check_rows
from pressroom.serving.route import Route, Share
from pressroom.serving.service import Serving
from pressroom.serving.why import trace_prediction

__all__ = [
    "FLUSH_S",
    "MOST_ROWS",
    "Assignment",
    "Endpoint",
    "EndpointDefinition",
    "Live",
    "Prediction",
    "PredictionLog",
    "Predictor",
    "PushRefused",
    "Pushed",
    "Route",
    "Serving",
    "Share",
    "UnknownEndpoint",
    "Verdict",
    "check_rows",
    "trace_prediction",
]
