"""From a frozen training set to a model that beat its baseline.

Here live training sets (declared, built, frozen under a digest), candidates and their fits, evaluation, and the report
that sets models side by side with what a point of quality costs. How an endpoint uses a model is `serving`'s business.
"""

from pressroom.training.candidate import Candidate, baseline, gradient_boosting, logistic
from pressroom.training.errors import BadTraining, Diverged, NoBaseline, NoRows, NotFinite, Preempted
from pressroom.training.evaluate import Evaluation, evaluate
from pressroom.training.freeze import TrainingSet
from pressroom.training.given_label import GivenLabel
from pressroom.training.lasting.cadence import Cadence
from pressroom.training.lasting.guard import Guard
from pressroom.training.lasting.job import TrainingJob
from pressroom.training.lasting.options import Round, TrainingOptions
from pressroom.training.lasting.retention import Keep
from pressroom.training.lasting.rows import ParquetRows, RowsByPlace
from pressroom.training.lasting.state import State
from pressroom.training.lasting.training_run import TrainingRun
from pressroom.training.release import Released
from pressroom.training.report import ModelReport
from pressroom.training.service import Trained, Training
from pressroom.training.split import EntitySplit, Part, Split, split_by_entity, split_by_time
from pressroom.training.training_set import TrainingSetDefinition, training_set

__all__ = [
    "BadTraining",
    "Cadence",
    "Candidate",
    "Diverged",
    "EntitySplit",
    "Evaluation",
    "GivenLabel",
    "Guard",
    "Keep",
    "ModelReport",
    "NoBaseline",
    "NoRows",
    "NotFinite",
    "ParquetRows",
    "Part",
    "Preempted",
    "Released",
    "Round",
    "RowsByPlace",
    "Split",
    "State",
    "Trained",
    "Training",
    "TrainingJob",
    "TrainingOptions",
    "TrainingRun",
    "TrainingSet",
    "TrainingSetDefinition",
    "baseline",
    "evaluate",
    "gradient_boosting",
    "logistic",
    "split_by_entity",
    "split_by_time",
    "training_set",
]
