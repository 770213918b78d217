"""Facts turned into columns, right at every instant, offline for many rows and online for a few.

Here live feature views, questions (what is asked of each row), the kernel that answers them for whole columns, the
packed rows that answer them in microseconds, and labels. What a model makes of the answers is not known here.
"""

from pressroom.features.check_view import Disagreement, ViewCheck
from pressroom.features.errors import BadRequest, BadView, NoOracle, NotOnline, NotShared, OfflineOnly, TooOld
from pressroom.features.forget import ForgottenOnline, Neighbours
from pressroom.features.formulas.column import Column, isin, where
from pressroom.features.formulas.derivation import Derivation
from pressroom.features.formulas.derived import Derived, derived
from pressroom.features.formulas.functions import coalesce, day_of_week, hour_of, is_null, month_of
from pressroom.features.formulas.words import words_of
from pressroom.features.label import label_key
from pressroom.features.online import Answered, OnlineAnswers
from pressroom.features.online_value import Value
from pressroom.features.question import Asked, BoundFeatures, Question, RequestFields, question_of, request
from pressroom.features.service import Features
from pressroom.features.stream import streams_of
from pressroom.features.use import FEATURE_USE, FeatureUser, Uses, check_may_use, record_use, reference_to, uses_of
from pressroom.features.view import BoundView, Feature, FeatureReference, FeatureView, View

__all__ = [
    "FEATURE_USE",
    "Answered",
    "Asked",
    "BadRequest",
    "BadView",
    "BoundFeatures",
    "BoundView",
    "Column",
    "Derivation",
    "Derived",
    "Disagreement",
    "Feature",
    "FeatureReference",
    "FeatureUser",
    "FeatureView",
    "Features",
    "ForgottenOnline",
    "Neighbours",
    "NoOracle",
    "NotOnline",
    "NotShared",
    "OfflineOnly",
    "OnlineAnswers",
    "Question",
    "RequestFields",
    "TooOld",
    "Uses",
    "Value",
    "View",
    "ViewCheck",
    "check_may_use",
    "coalesce",
    "day_of_week",
    "derived",
    "hour_of",
    "is_null",
    "isin",
    "label_key",
    "month_of",
    "question_of",
    "record_use",
    "reference_to",
    "request",
    "streams_of",
    "uses_of",
    "where",
    "words_of",
]
