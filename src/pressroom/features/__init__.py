"""Facts turned into columns, right at every instant, offline for many rows and online for a few.

Here live feature views, questions (what is asked of each row), the kernel that answers them for whole columns, the
packed rows that answer them in microseconds, and labels. What a model makes of the answers is not known here.
"""

from pressroom.features.errors import BadRequest, BadView, NotOnline, OfflineOnly, TooOld
from pressroom.features.label import label_key
from pressroom.features.online import Answered, OnlineAnswers, Value
from pressroom.features.question import Asked, BoundFeatures, Question, RequestFields, question_of, request
from pressroom.features.service import Features
from pressroom.features.stream import streams_of
from pressroom.features.view import BoundView, Feature, FeatureView, View

__all__ = [
    "Answered",
    "Asked",
    "BadRequest",
    "BadView",
    "BoundFeatures",
    "BoundView",
    "Feature",
    "FeatureView",
    "Features",
    "NotOnline",
    "OfflineOnly",
    "OnlineAnswers",
    "Question",
    "RequestFields",
    "TooOld",
    "Value",
    "View",
    "label_key",
    "question_of",
    "request",
    "streams_of",
]
