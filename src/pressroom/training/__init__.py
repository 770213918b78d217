"""From a frozen training set to a model that beat its baseline.

Here live training sets (declared, built, frozen under a digest), candidates and their fits, evaluation, and the report
that sets models side by side with what a point of quality costs. How an endpoint uses a model is `serving`'s business.
"""

from pressroom.training.candidate import Candidate, baseline, gradient_boosting, logistic
from pressroom.training.errors import BadTraining, Diverged, NoBaseline, NoRows, NotFinite, Preempted, WorkerFailed
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
from pressroom.training.lasting.stopping import Stopping
from pressroom.training.lasting.together import Together, together_now
from pressroom.training.lasting.training_run import TrainingRun
from pressroom.training.preflight.child import rehearse
from pressroom.training.preflight.climb import Preflight, Surroundings, preflight
from pressroom.training.preflight.expected import ExpectedData
from pressroom.training.preflight.finding import Rung
from pressroom.training.preflight.long_run import LongRun
from pressroom.training.preflight.place import ExpectedPlace
from pressroom.training.release import Released
from pressroom.training.report import ModelReport
from pressroom.training.service import Trained, Training
from pressroom.training.split import EntitySplit, Part, Split, split_by_entity, split_by_time
from pressroom.training.spread.form import Spread, spread_of, train_together
from pressroom.training.spread.work import SpreadWork, answer_of, work_of
from pressroom.training.tables.asked import TableAsked
from pressroom.training.tables.column import Table, TableColumn, field_names
from pressroom.training.tables.pick import RULE
from pressroom.training.tables.quality import Figure
from pressroom.training.tables.read_table import read_table, table_of
from pressroom.training.tables.release_table import Lineage
from pressroom.training.tables.train_table import LEARNERS
from pressroom.training.tables.trained_table import ModelLine, TrainedTable
from pressroom.training.training_set import TrainingSetDefinition, training_set
from pressroom.training.worth import Worth, worth

__all__ = [
    "LEARNERS",
    "RULE",
    "BadTraining",
    "Cadence",
    "Candidate",
    "Diverged",
    "EntitySplit",
    "Evaluation",
    "ExpectedData",
    "ExpectedPlace",
    "Figure",
    "GivenLabel",
    "Guard",
    "Keep",
    "Lineage",
    "LongRun",
    "ModelLine",
    "ModelReport",
    "NoBaseline",
    "NoRows",
    "NotFinite",
    "ParquetRows",
    "Part",
    "Preempted",
    "Preflight",
    "Released",
    "Round",
    "RowsByPlace",
    "Rung",
    "Split",
    "Spread",
    "SpreadWork",
    "State",
    "Stopping",
    "Surroundings",
    "Table",
    "TableAsked",
    "TableColumn",
    "Together",
    "Trained",
    "TrainedTable",
    "Training",
    "TrainingJob",
    "TrainingOptions",
    "TrainingRun",
    "TrainingSet",
    "TrainingSetDefinition",
    "WorkerFailed",
    "Worth",
    "answer_of",
    "baseline",
    "evaluate",
    "field_names",
    "gradient_boosting",
    "logistic",
    "preflight",
    "read_table",
    "rehearse",
    "split_by_entity",
    "split_by_time",
    "spread_of",
    "table_of",
    "together_now",
    "train_together",
    "training_set",
    "work_of",
    "worth",
]
