"""Facts turned into columns, right at every instant, offline for many rows and online for a few.

Here live feature views, questions (what is asked of each row), the kernel that answers them for whole columns, the
packed rows that answer them in microseconds, and labels. What a model makes of the answers is not known here.
"""

from pressroom.features.bound import BoundFeatures, link_as_view
from pressroom.features.check_view import Disagreement, ViewCheck
from pressroom.features.errors import BadRequest, BadView, NoOracle, NotOnline, NotShared, OfflineOnly, TooLarge, TooOld
from pressroom.features.forget import ForgottenOnline, Neighbours
from pressroom.features.label import label_key
from pressroom.features.link import LINK_NAMES, Link
from pressroom.features.online import Answered, OnlineAnswers
from pressroom.features.online_value import Value
from pressroom.features.question import Asked, Question, RequestFields, question_of, request
from pressroom.features.service import Features
from pressroom.features.stream import streams_of
from pressroom.features.use import (
    FEATURE_USE,
    FeatureUser,
    Uses,
    ViewUser,
    check_may_use,
    other_users,
    record_use,
    reference_to,
    uses_of,
)
from pressroom.features.view import BoundView, Feature, FeatureView, View

__all__ = [
    "FEATURE_USE",
    "LINK_NAMES",
    "Answered",
    "Asked",
    "BadRequest",
    "BadView",
    "BoundFeatures",
    "BoundView",
    "Disagreement",
    "Feature",
    "FeatureUser",
    "FeatureView",
    "Features",
    "ForgottenOnline",
    "Link",
    "Neighbours",
    "NoOracle",
    "NotOnline",
    "NotShared",
    "OfflineOnly",
    "OnlineAnswers",
    "Question",
    "RequestFields",
    "TooLarge",
    "TooOld",
    "Uses",
    "Value",
    "View",
    "ViewCheck",
    "ViewUser",
    "check_may_use",
    "label_key",
    "link_as_view",
    "other_users",
    "question_of",
    "record_use",
    "reference_to",
    "request",
    "streams_of",
    "uses_of",
]
