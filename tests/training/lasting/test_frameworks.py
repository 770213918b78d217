"""State of each framework: a training that was cut short and taken up by new objects equals an undisturbed one."""

import os

import numpy as np
import pytest

import pressroom as pr

ROWS = np.random.default_rng(0).normal(size=(256, 4)).astype(np.float32)
LABELS = (ROWS[:, 0] + ROWS[:, 1] > 0).astype(np.float32)


def both(tmp_path, train):
    wanted = train(tmp_path / "one", None)
    assert train(tmp_path / "two", 3) is None
    assert train(tmp_path / "two", None) == wanted


def over_batches(run, state, learn, stop):
    for rows, labels in run.batches((ROWS, LABELS), size=32, epochs=2):
        run.tick(loss=learn(rows, labels))
        if run.tick_number == stop:
            run.save()
            return None
    return state.digest()


def test_torch(tmp_path):
    torch = pytest.importorskip("torch")

    def train(folder, stop):
        with pr.training_run("t", folder=folder, seed=1) as run:
            net = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.3), torch.nn.Linear(8, 1))
            optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
            schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 16)
            state = run.state(net=net, optimizer=optimizer, schedule=schedule)

            def learn(rows, labels):
                optimizer.zero_grad()
                loss = ((net(torch.from_numpy(rows))[:, 0] - torch.from_numpy(labels)) ** 2).mean()
                loss.backward()
                optimizer.step()
                schedule.step()
                return loss

            return over_batches(run, state, learn, stop)

    both(tmp_path, train)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_keras(tmp_path):
    pytest.importorskip("torch")
    os.environ.setdefault("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")

    def train(folder, stop):
        with pr.training_run("t", folder=folder, seed=1) as run:
            layers = [keras.Input((4,)), keras.layers.Dense(8), keras.layers.Dropout(0.3), keras.layers.Dense(1)]
            net = keras.Sequential(layers)
            net.compile(optimizer="adam", loss="mse")
            state = run.state(net=net)
            return over_batches(run, state, lambda rows, labels: net.train_on_batch(rows, labels), stop)

    both(tmp_path, train)


def test_sklearn(tmp_path):
    linear = pytest.importorskip("sklearn.linear_model")
    neural = pytest.importorskip("sklearn.neural_network")
    pytest.importorskip("skops")

    def train(folder, stop):
        with pr.training_run("t", folder=folder, seed=1) as run:
            one, other = linear.SGDClassifier(random_state=1), neural.MLPClassifier((5,), random_state=1)
            state = run.state(one=one, other=other)

            def learn(rows, labels):
                one.partial_fit(rows, labels, classes=[0, 1])
                other.partial_fit(rows, labels, classes=[0, 1])
                return float(other.loss_)

            if over_batches(run, state, learn, stop) is None:
                return None
            return one.coef_.tolist(), [each.tolist() for each in other.coefs_]

    both(tmp_path, train)


@pytest.mark.parametrize("name", ["lightgbm", "xgboost"])
def test_boosting(tmp_path, name):
    library = pytest.importorskip(name)

    def more(parameters, group, booster):
        draws = {**parameters, "seed": group.seed, "verbosity": -1 if name == "lightgbm" else 0, "num_threads": 1}
        if name == "lightgbm":
            rows = library.Dataset(ROWS, LABELS, free_raw_data=False)
            draws |= {"objective": "binary", "deterministic": True, "bagging_fraction": 0.7, "bagging_freq": 1}
            return library.train(draws, rows, group.count, init_model=booster)
        del draws["num_threads"]
        draws |= {"objective": "binary:logistic", "subsample": 0.7, "nthread": 1}
        return library.train(draws, library.DMatrix(ROWS, LABELS), group.count, xgb_model=booster)

    def train(folder, stop):
        with pr.training_run("t", folder=folder, seed=1) as run:
            state = run.state(booster=None)
            for group in run.rounds(20, each=4):
                state.booster = more({}, group, state.booster)
                run.tick()
                if run.tick_number == stop:
                    run.save()
                    return None
            return state.booster.predict(ROWS if name == "lightgbm" else library.DMatrix(ROWS)).tolist()

    both(tmp_path, train)


def test_a_job_is_its_parts_and_all_of_them(tmp_path):
    def step(state, batch):
        state.w += batch.mean(axis=0)
        return {"loss": float(np.abs(state.w).sum())}

    job = pr.TrainingJob(
        make=lambda settings: {"w": np.zeros(4)},
        batches=lambda run, settings: run.batches(ROWS, size=settings["size"]),
        step=step,
        evaluate=lambda state: {"size": float(np.abs(state.w).sum())},
        export=lambda state: state.w.copy(),
        epochs=2,
    )
    model = job.train(pr.training_run("t", folder=tmp_path / "t"), {"size": 64})
    np.testing.assert_allclose(model, 8 * ROWS.mean(axis=0), rtol=1e-4)
