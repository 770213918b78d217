"""A run hears of itself while it lasts."""

from pressroom.training.lasting import watching
from pressroom.training.lasting.options import TrainingOptions
from pressroom.training.lasting.watching import Watching


def test_a_loss_that_goes_up_is_told_once_in_words(monkeypatch, tmp_path):
    now = iter(range(10_000))
    monkeypatch.setattr(watching.time, "monotonic", lambda: float(next(now)))
    told = []
    run = Watching(lambda words, kind: told.append(words), TrainingOptions(), tmp_path / "stacks")
    for step in range(250):
        run.tick(0.5 + step / 100)
    assert len(told) == 1
    assert told[0].startswith("The loss went up from")


def test_a_run_that_learns_hears_nothing(monkeypatch, tmp_path):
    now = iter(range(10_000))
    monkeypatch.setattr(watching.time, "monotonic", lambda: float(next(now)))
    told = []
    run = Watching(lambda words, kind: told.append(words), TrainingOptions(), tmp_path / "stacks")
    for step in range(1_000):
        run.tick(1 / (1 + step / 50))
    assert told == []
