import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import pressroom as pr
from pressroom.flows import read_journal
from pressroom.ports import NoSpace
from pressroom.training import BadTraining, Diverged, NotFinite, Preempted
from pressroom.training.lasting.checkpoints import Checkpoints
from pressroom.values import Refused

ROWS = np.random.default_rng(0).normal(size=(120, 3))


class Stop(Exception):
    pass


def learn(folder: Path, *, stop_at: int | None = None, rows=ROWS, epochs: int = 3, **options) -> tuple[str, list[int]]:
    """Train something that draws from everywhere; the state's digest, and the ticks that were done here."""
    done: list[int] = []
    with pr.training_run("t", folder=folder, seed=3, **options) as run:
        state = run.state(w=np.zeros(3), draw=np.random.default_rng(1), seen={"rows": 0, "order": []})
        for _ in run.epochs(epochs):
            for batch in run.batches(rows, size=7):
                state.w += batch.mean(axis=0) * state.draw.normal() + np.random.rand(3)
                state.seen["rows"] += len(batch)
                state.seen["order"].append(float(batch[0, 0]))
                run.tick(loss=float(np.abs(state.w).sum()))
                done.append(run.tick_number)
                if run.tick_number == stop_at:
                    run.save()
                    raise Stop
            run.measure(size=float(np.abs(state.w).sum()))
        return state.digest(), done


@pytest.mark.parametrize("stops", [[1], [17], [18], [19, 20, 21], [5, 36, 40, 54]])
def test_an_interrupted_training_ends_as_an_undisturbed_one(tmp_path, stops):
    wanted, all_ticks = learn(tmp_path / "one")
    ticks: list[int] = []
    for stop in stops:
        with pytest.raises(Stop):
            learn(tmp_path / "two", stop_at=stop)
    found, ticks = learn(tmp_path / "two")
    assert found == wanted
    assert ticks == all_ticks[stops[-1] :]


def test_a_finished_training_does_nothing_again(tmp_path):
    wanted, _ = learn(tmp_path / "one")
    assert learn(tmp_path / "one") == (wanted, [])


@pytest.mark.parametrize("wrong", ["flipped", "cut", "empty"])
def test_a_damaged_checkpoint_is_told_of_and_the_one_before_is_taken(tmp_path, wrong, caplog):
    wanted, _ = learn(tmp_path / "one")
    for stop in (20, 30):
        with pytest.raises(Stop):
            learn(tmp_path / "two", stop_at=stop)
    newest = sorted((tmp_path / "two").glob("checkpoint-*"))[-1]
    content = newest.read_bytes()
    flipped = content[:-40] + bytes([content[-40] ^ 1]) + content[-39:]
    newest.write_bytes({"flipped": flipped, "cut": content[:-30], "empty": b""}[wrong])
    found, ticks = learn(tmp_path / "two")
    assert found == wanted
    # The second start saved at its first tick, as each does.
    assert ticks[0] == 22
    assert "The checkpoint at tick 30 can't be used, so the one before is taken" in caplog.text


def test_a_full_disk_stops_no_training_and_leaves_the_last_good_checkpoint(tmp_path, caplog, monkeypatch):
    wanted, _ = learn(tmp_path / "one")
    with pytest.raises(Stop):
        learn(tmp_path / "two", stop_at=10)
    write = Checkpoints._write
    monkeypatch.setattr(Checkpoints, "_write", _no_space)
    found, _ = learn(tmp_path / "two", every="1us")
    assert found == wanted
    assert "was not written; the training goes on with the last good one" in caplog.text
    assert [each.name for each in (tmp_path / "two").glob("checkpoint-*")] == ["checkpoint-000000000010"]
    monkeypatch.setattr(Checkpoints, "_write", write)
    assert learn(tmp_path / "two")[1][0] == 11


def _no_space(self, head, files):
    raise NoSpace("No room.", next_step="Free some.")


def test_sigterm_saves_and_says_preempted(tmp_path):
    wanted, _ = learn(tmp_path / "one")
    rows = Signalling(ROWS)
    with pytest.raises(Preempted, match="saved"):
        learn(tmp_path / "two", rows=rows)
    found, ticks = learn(tmp_path / "two")
    assert found == wanted
    assert ticks[0] == 4
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


_SCRIPT = """
import os, signal, sys
import numpy as np
import pressroom as pr

with pr.training_run("script", folder=sys.argv[1]) as run:
    state = run.state(w=np.zeros(2))
    for number in run.steps(6):
        if number == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        run.tick(loss=1.0)
    print(run.is_resumed)
"""


def test_a_script_that_is_asked_to_stop_exits_as_supervisors_expect(tmp_path):
    words = [sys.executable, "-c", _SCRIPT, str(tmp_path / "script")]
    stopped = subprocess.run(words, capture_output=True, text=True, check=False)
    assert stopped.returncode == 143
    assert stopped.stderr == "script: Asked to stop at tick 4; saved.\n"
    again = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (again.returncode, again.stdout, again.stderr) == (0, "True\n", "")


class Signalling:
    """Rows; reading the third batch brings a SIGTERM."""

    def __init__(self, rows):
        self.rows, self.taken = rows, 0

    def count(self):
        return len(self.rows)

    def order(self, draw):
        return draw.permutation(len(self.rows))

    def take(self, places):
        self.taken += 1
        if self.taken == 3:
            signal.raise_signal(signal.SIGTERM)
        return self.rows[places]


def test_a_batch_with_nan_is_named_with_its_row(tmp_path):
    rows = ROWS.copy()
    rows[77, 1] = np.nan
    with pytest.raises(NotFinite, match=r"rows 77 are NaN"):
        learn(tmp_path / "one", rows=rows)


def test_a_loss_that_is_no_number_over_sound_rows_is_the_codes_fault(tmp_path):
    with pr.training_run("t", folder=tmp_path / "one") as run:
        run.state(w=np.zeros(1))
        steps = iter(run.steps(3))
        next(steps)
        with pytest.raises(Diverged, match="batch itself is sound"):
            run.tick(loss=float("inf"))


def test_a_bad_batch_can_be_passed_over_by_going_back(tmp_path):
    rows = ROWS.copy()
    rows[77, 1] = np.nan
    _, ticks = learn(tmp_path / "one", rows=rows, epochs=1, on_bad="skip")
    # 18 batches, one of which has the bad row.
    assert ticks[-1] == 17
    journal, _ = read_journal(tmp_path / "one.journal")
    assert any(line.kind == "trouble" and "rows 77" in line.words for line in journal)


def test_parquet_goes_on_in_its_middle_without_reading_what_was_read(tmp_path):
    table = pa.table({"x": np.arange(1000)})
    pq.write_table(table, tmp_path / "rows.parquet", row_group_size=50)

    def read(folder: Path, stop: int | None) -> list[int]:
        seen: list[int] = []
        with pr.training_run("t", folder=folder, seed=1) as run:
            run.state(nothing=0)
            for batch in run.batches(tmp_path / "rows.parquet", size=64):
                seen += batch["x"].to_pylist()
                run.tick()
                if run.tick_number == stop:
                    run.save()
                    break
        return seen

    whole = read(tmp_path / "one", None)
    assert sorted(whole) == list(range(1000))
    assert read(tmp_path / "two", 6) + read(tmp_path / "two", None) == whole


def test_what_decides_the_training_may_not_change(tmp_path):
    with pytest.raises(Stop):
        learn(tmp_path / "one", stop_at=5, settings={"lr": 0.1})
    with pytest.raises(BadTraining, match=r"lr = 0.1, not 0.2"):
        learn(tmp_path / "one", settings={"lr": 0.2})
    with pytest.raises(BadTraining, match="120 rows by 7, shuffled, and now goes over 100 rows"):
        learn(tmp_path / "one", settings={"lr": 0.1}, rows=ROWS[:100])


def test_what_can_not_be_kept_is_refused_before_the_first_batch(tmp_path):
    with pr.training_run("t", folder=tmp_path / "one") as run, pytest.raises(BadTraining, match=r"state\.it is a"):
        run.state(it=object())


def test_a_tick_outside_of_its_loops_is_refused(tmp_path):
    with pr.training_run("t", folder=tmp_path / "one") as run:
        run.state(w=1)
        with pytest.raises(BadTraining, match="outside"):
            run.tick()


def test_metrics_are_told_while_it_trains(tmp_path):
    learn(tmp_path / "one")
    journal, _ = read_journal(tmp_path / "one.journal")
    measured = [line for line in journal if line.kind == "measured"]
    assert measured[0].tick == 1
    assert measured[0].figures["loss"] > 0
    assert "size" in measured[-1].figures
    assert issubclass(Preempted, Refused)
