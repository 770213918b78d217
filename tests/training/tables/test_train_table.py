import time

import numpy as np
import pyarrow as pa
import pytest
from tests.projects import in_memory
from tests.training.tables_given import customers

from pressroom.models import inputs_from_table, load
from pressroom.stats import auc
from pressroom.training.tables.boosting import histograms
from pressroom.training.tables.findings import roles_of
from pressroom.training.tables.learner import Rows
from pressroom.training.tables.network import perceptron
from pressroom.training.tables.prepare import prepare
from pressroom.training.tables.quality import losses
from pressroom.training.tables.read_table import table_of
from pressroom.training.tables.task import Task
from pressroom.training.tables.train_table import learners_of
from pressroom.values import InvalidInput

pytest.importorskip("sklearn")
pytest.importorskip("lightgbm")


@pytest.fixture(scope="module")
def churn():
    """A training with the two quick learners, and its workspace."""
    workspace = in_memory()
    told = []
    trained = workspace.train_table(
        customers(2_000), target="churned", name="churn", time="Signed up", learners=("linear", "boosting"),
        told=lambda progress: told.append((progress.stage, progress.done, progress.total)),
    )  # fmt: skip
    return workspace, trained, told


def test_the_baseline_stands_first_and_the_winner_beats_it(churn):
    _, trained, _ = churn
    assert [line.name for line in trained.models] == ["baseline", "linear", "boosting"]
    assert trained.baseline().words == "mean churned by plan"
    assert trained.picked.winner in ("linear", "boosting")
    assert trained.test[0].low > 0.6
    assert trained.test[0].low < trained.test[0].value < trained.test[0].high


def test_each_model_has_its_cost_beside_its_quality(churn):
    _, trained, _ = churn
    for line in trained.models:
        assert line.fit_s > 0
        assert line.us_per_row > 0
        assert line.size_bytes > 100
        assert line.serve_usd > 0
        assert [figure.name for figure in line.figures] == ["AUC", "log loss", "Brier score"]


def test_what_was_packed_answers_the_test_part_as_it_was_judged(churn):
    workspace, trained, _ = churn
    rows = table_of(customers(2_000), source="t")
    found = prepare(rows, roles_of(rows, "churned", "Signed up", "", (), ()))
    loaded = load(trained.winner().digest, workspace.ports.blobs, workspace.permits)
    inputs = inputs_from_table(loaded.package.signature, found.arrow(found.parts.test))
    assert np.allclose(loaded.runnable.predict(inputs), trained.judged.answers, atol=1e-12)
    assert auc(trained.judged.y, trained.judged.answers) == pytest.approx(trained.test[0].value)
    assert loaded.package.parity.rows == 256


def test_texts_never_seen_and_nulls_are_answered_with_numbers(churn):
    workspace, trained, _ = churn
    for line in trained.models[1:]:
        loaded = load(line.digest, workspace.ports.blobs, workspace.permits)
        rows = pa.table(
            {
                "signed_up": pa.array([1_700_000_000_000_000] * 3, pa.timestamp("us", "UTC")),
                "age": pa.array([None, 41.0, 95.0]),
                "plan": ["platinum", "basic", ""],
                "calls": [3, 3, 3],
            }
        )
        answers = loaded.runnable.predict(inputs_from_table(loaded.package.signature, rows))
        assert ((answers > 0) & (answers < 1)).all()


def test_the_same_rows_give_the_same_models(churn):
    _, trained, _ = churn
    again = in_memory().train_table(
        customers(2_000), target="churned", name="churn", time="Signed up", learners=("linear", "boosting")
    )
    assert [line.digest for line in again.models] == [line.digest for line in trained.models]
    assert (again.digest, again.test) == (trained.digest, trained.test)


def test_progress_is_told(churn):
    _, _, told = churn
    assert {stage for stage, _, _ in told} == {"linear", "boosting", "packing", "judging"}
    assert all(0 <= done <= total for _, done, total in told)


def test_importance_names_what_the_target_was_made_of(churn):
    _, trained, _ = churn
    told = {one.column: one.rise for one in trained.importances}
    assert set(told) == {"signed_up", "age", "plan", "calls"}
    assert min(told["age"], told["plan"], told["calls"]) > 0.005 > abs(told["signed_up"])


def test_the_lineage_leads_to_the_frozen_rows(churn):
    workspace, trained, _ = churn
    entry = workspace.catalog.current("model", trained.winner().full_name)
    (parent,) = entry.parents
    assert (parent.kind, parent.name, parent.digest) == ("training_set", "churn", trained.digest)
    frozen = workspace.catalog.find(parent)
    assert "2,000 rows" in frozen.doc
    assert workspace.ports.blobs.exists(frozen.document)


def test_a_number_and_several_classes_are_learnt_too():
    workspace = in_memory()
    spent = workspace.train_table(customers(900, target="spent"), target="spent", learners=("linear",))
    assert (spent.task.kind, spent.picked.winner) == ("number", "linear")
    assert spent.test[0].name == "R2"
    assert spent.test[0].low > 0.5
    assert spent.by == "random"
    plans = workspace.train_table(customers(900, target="next_plan"), target="next_plan", learners=("boosting",))
    assert plans.task.classes == ("basic", "plus", "pro")
    assert plans.endpoints == ("next_plan.is_basic", "next_plan.is_plus", "next_plan.is_pro")
    loaded = [workspace.models.load(name) for name in plans.endpoints]
    whole = workspace.models.load(plans.winner().full_name)
    rows = table_of(customers(900, target="next_plan"), source="t")
    some = prepare(rows, roles_of(rows, "next_plan", "", "", (), ())).arrow()
    shares = np.stack([one.runnable.predict(inputs_from_table(one.package.signature, some)) for one in loaded], axis=1)
    assert np.allclose(shares, whole.runnable.predict(inputs_from_table(whole.package.signature, some)), atol=1e-9)
    assert np.allclose(shares.sum(axis=1), 1.0)


def test_where_nothing_predicts_the_baseline_is_picked_and_the_sentence_says_so():
    draw = np.random.default_rng(2)
    rows = pa.table({"noise": draw.normal(size=600), "y": draw.choice(["yes", "no"], 600)})
    trained = in_memory().train_table(rows, target="y", learners=("linear",))
    assert trained.picked.winner == "baseline"
    assert trained.sentence().startswith("Nothing in this table predicts y better than its baseline")


def test_a_learner_that_is_not_installed_is_named(monkeypatch):
    from pressroom.training.tables import learner  # noqa: PLC0415

    monkeypatch.setattr(learner, "find_spec", lambda name: None)
    trained = in_memory().train_table(customers(400), target="churned", learners=("linear",))
    assert trained.skipped == (("linear", "sklearn.linear_model is not installed"),)
    assert trained.picked.winner == "baseline"


def test_an_unknown_learner_is_refused():
    with pytest.raises(InvalidInput, match="no learner 'magic'"):
        learners_of(("magic",))


@pytest.mark.parametrize(
    ("fit", "kind"),
    [(histograms, "yes or no"), *((perceptron, kind) for kind in ("yes or no", "several classes", "number"))],
)
def test_the_learners_of_scikit_learn_stand_in_where_others_are_not_installed(fit, kind):
    draw = np.random.default_rng(3)
    x = draw.normal(size=(600, 3))
    score = 1.5 * x[:, 0] - x[:, 1]
    classes = {"yes or no": ("no", "yes"), "several classes": ("a", "b", "c"), "number": ()}[kind]
    task = Task(kind=kind, target="y", classes=classes, positive="yes" if kind == "yes or no" else "")
    y = score * 3 if kind == "number" else np.digitize(score, [0.0] if kind == "yes or no" else [-1, 1]).astype(float)
    rows = Rows(
        task=task,
        x=x[:400],
        y=y[:400],
        stop_x=x[400:],
        stop_y=y[400:],
        until=time.perf_counter() + 1.0,
        told=lambda done, total: None,
    )
    model = fit(rows).fitted
    if kind == "number":
        answers = model.predict(x[400:])
        usual = np.full(200, y.mean())
    else:
        chances = model.predict_proba(x[400:])
        answers = chances[:, 1] if kind == "yes or no" else chances
        shares = np.bincount(y[:400].astype(int)) / 400
        usual = np.full(200, shares[1]) if kind == "yes or no" else np.tile(shares, (200, 1))
    assert losses(task, y[400:], answers).mean() < 0.6 * losses(task, y[400:], usual).mean()


def test_fitting_stops_when_the_time_is_over():
    draw = np.random.default_rng(4)
    x, y = draw.normal(size=(400, 3)), draw.integers(0, 2, 400).astype(float)
    task = Task(kind="yes or no", target="y", classes=("no", "yes"), positive="yes")
    rows = Rows(task=task, x=x, y=y, stop_x=x, stop_y=y, until=0.0, told=lambda done, total: None)
    for learner in learners_of(("linear", "boosting")):
        assert learner.fit(rows).fitted is not None
    assert "its time was over" in learners_of(("boosting",))[0].fit(rows).words
