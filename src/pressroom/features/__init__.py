"""Facts turned into columns, right at every instant, offline for many rows and online for a few.

Here live feature views, questions (what is asked of each row), the kernel that answers them for whole columns, the
packed rows that answer them in microseconds, and labels. What a model makes of the answers is not known here.
"""

from pressroom.features.answered import Answered, OfEntity
from pressroom.features.answers import Answers, Asking, Block, LargerThanMemory
from pressroom.features.asking_rows import AnySpine, facts_of_spine, identity_of_spine, settled_spine
from pressroom.features.bound import BoundFeatures, link_as_view
from pressroom.features.buckets.larger import Progress
from pressroom.features.buckets.layout import LabelAsked
from pressroom.features.buckets.room import Memory
from pressroom.features.check_view import Disagreement, ViewCheck
from pressroom.features.errors import (
    BadRequest,
    BadSpine,
    BadView,
    NoOracle,
    NotOnline,
    NotShared,
    OfflineOnly,
    TooLarge,
    TooOld,
)
from pressroom.features.every import EveryChange, EveryPeriod, every, every_change
from pressroom.features.forget import ForgottenOnline, Neighbours
from pressroom.features.formulas.column import Column, isin, where
from pressroom.features.formulas.derivation import Derivation
from pressroom.features.formulas.derived import Derived, derived
from pressroom.features.formulas.functions import coalesce, day_of_week, hour_of, is_null, month_of
from pressroom.features.formulas.words import words_of
from pressroom.features.given import GivenRows, contents_of, spine
from pressroom.features.label import label_key
from pressroom.features.link import LINK_NAMES, Link
from pressroom.features.online import OnlineAnswers
from pressroom.features.online_value import Value
from pressroom.features.question import Asked, Question, RequestFields, question_of, request
from pressroom.features.service import Features
from pressroom.features.stored_bytes import stored_bytes
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
from pressroom.features.view import BoundView, Feature, FeatureReference, FeatureView, View

__all__ = [
    "FEATURE_USE",
    "LINK_NAMES",
    "Answered",
    "Answers",
    "AnySpine",
    "Asked",
    "Asking",
    "BadRequest",
    "BadSpine",
    "BadView",
    "Block",
    "BoundFeatures",
    "BoundView",
    "Column",
    "Derivation",
    "Derived",
    "Disagreement",
    "EveryChange",
    "EveryPeriod",
    "Feature",
    "FeatureReference",
    "FeatureUser",
    "FeatureView",
    "Features",
    "ForgottenOnline",
    "GivenRows",
    "LabelAsked",
    "LargerThanMemory",
    "Link",
    "Memory",
    "Neighbours",
    "NoOracle",
    "NotOnline",
    "NotShared",
    "OfEntity",
    "OfflineOnly",
    "OnlineAnswers",
    "Progress",
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
    "coalesce",
    "contents_of",
    "day_of_week",
    "derived",
    "every",
    "every_change",
    "facts_of_spine",
    "hour_of",
    "identity_of_spine",
    "is_null",
    "isin",
    "label_key",
    "link_as_view",
    "month_of",
    "other_users",
    "question_of",
    "record_use",
    "reference_to",
    "request",
    "settled_spine",
    "spine",
    "stored_bytes",
    "streams_of",
    "uses_of",
    "where",
    "words_of",
]
