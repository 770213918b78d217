"""From a frozen training set to a model that beat its baseline.

Here live training sets (declared, built, frozen under a digest), candidates and their fits, evaluation, and the report
that sets models side by side with what a point of quality costs. How an endpoint uses a model is `serving`'s business.
"""

from pressroom.training.candidate import Candidate, baseline, gradient_boosting, logistic
from pressroom.training.errors import NoBaseline, NoRows
from pressroom.training.evaluate import Evaluation, evaluate
from pressroom.training.freeze import TrainingSet
from pressroom.training.given_label import GivenLabel
from pressroom.training.release import Released
from pressroom.training.report import ModelReport
from pressroom.training.service import Trained, Training
from pressroom.training.split import EntitySplit, Part, Split, split_by_entity, split_by_time
from pressroom.training.training_set import TrainingSetDefinition, training_set
from pressroom.training.worth import Worth, worth

__all__ = [
    "Candidate",
    "EntitySplit",
    "Evaluation",
    "GivenLabel",
    "ModelReport",
    "NoBaseline",
    "NoRows",
    "Part",
    "Released",
    "Split",
    "Trained",
    "Training",
    "TrainingSet",
    "TrainingSetDefinition",
    "Worth",
    "baseline",
    "evaluate",
    "gradient_boosting",
    "logistic",
    "split_by_entity",
    "split_by_time",
    "training_set",
    "worth",
]
