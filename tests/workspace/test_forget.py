"""Forgetting: no store knows the subject afterwards, everybody else is answered as before, also after a `kill -9`."""

import io
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.projects import (
    BY_PIECES,
    BY_TRAFFIC,
    END,
    HOUR,
    append,
    declared,
    delivered_rows,
    in_memory,
    placed_rows,
    request_row,
    train,
)

from pressroom.facts import Batch, KnownRule, RawBatch
from pressroom.serving import Share, check_rows
from pressroom.testing.clock import TurnedClock
from pressroom.workspace import StillThere, UnknownEntity, open_workspace, subject_digest
from pressroom.workspace.forget_receipt import salt_of

WHOM = "subject-of-this-test"
NAMES = [WHOM, *(f"c{number}" for number in range(60))]
PROGRAM = Path(__file__).with_name("forgetting.py")
ROOT = Path(__file__).parents[2]


def history(*, without=False):
    """Everything that was ordered and delivered; one customer is called as no other text in the workspace."""
    placed = [{**row, "customer": WHOM if row["customer"] == "c7" else row["customer"]} for row in placed_rows()]
    delivered = delivered_rows(placed)
    return [[row for row in rows if not without or row["customer"] != WHOM] for rows in (placed, delivered)]


def fill(workspace, definitions, *, without=False):
    workspace.apply(definitions)
    placed, delivered = history(without=without)
    half = len(delivered) // 2
    append(workspace, definitions.facts["placed"], placed, name="placed")
    append(workspace, definitions.facts["delivered"], delivered[:half], name="delivered")
    workspace.settle()
    append(workspace, definitions.facts["delivered"], delivered[half:], name="delivered later")


def answers(workspace, definitions):
    """What is known of every customer and quarter, offline and online."""
    question = definitions.endpoint("risk").question
    rows = check_rows(question, [request_row(n, customer=name, quarter=f"q{n % 4}") for n, name in enumerate(NAMES)])
    online = [one.values for one in workspace.features.online(question).answer(rows, [END] * len(rows))]
    columns = {field.name: [row[field.name] for row in rows] for field in (*question.keys, *question.request)}
    columns["promised"] = pa.array(columns["promised"], pa.int64()).cast(pa.timestamp("us", "UTC"))
    spine = pa.table({"as_of": pa.array([END] * len(rows), pa.timestamp("us", "UTC")), **columns})
    offline = workspace.features.offline(question, spine)[0].to_pylist()
    views = [name for name in online[0] if "." in name]
    told = [{name: one[name] for name in views} for one in online]
    assert told == [{name: one[name] for name in views} for one in offline]
    return dict(zip(NAMES, told, strict=True))


def holding(folder, text=WHOM):
    """Every file that holds the text; Parquet is looked into."""
    found = []
    for path in (path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if content[:4] == b"PAR1":
            table = pq.read_table(io.BytesIO(content))
            texts = [table[name] for name in table.column_names if pa.types.is_string(table.schema.field(name).type)]
            if any(pc.any(pc.match_substring(column, text)).as_py() for column in texts):
                found.append(path)
        if text.encode() in content:
            found.append(path)
    return found


def wrong_batch(definitions):
    """Two rows about the subject that can't be right, and one about somebody else."""
    rows = pa.table({"event": ["soon"] * 3, "order": ["a", "b", "c"], "customer": [WHOM, WHOM, "c1"],
                     "quarter": ["q1"] * 3, "delay": [1.0] * 3})  # fmt: skip
    return Batch(
        fact=definitions.facts["delivered"], raw=RawBatch(table=rows), known=KnownRule(kind="now"), source="test",
        batch="wrong",
    )  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A workspace that knows the subject in every way there is."""
    folder = tmp_path_factory.mktemp("forget") / "made"
    definitions = declared(folder)
    with open_workspace(folder, clock=TurnedClock(END)) as workspace:
        fill(workspace, definitions)
        workspace.append(wrong_batch(definitions))
        train(workspace, definitions, BY_PIECES, BY_TRAFFIC)
        workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.by_traffic", share=1.0)])
        live = workspace.serving.live()
        live.refresh()
        predictor = live.predictor("risk")
        rows = check_rows(
            predictor.endpoint.question, [request_row(n, customer=WHOM if n == 3 else "c1") for n in range(6)]
        )
        log = workspace.serving.prediction_log()
        log.add(predictor.predict(rows, END))
        log.close()
        workspace.settle()
        append(workspace, definitions.facts["delivered"], [late_row()], name="late")
    return folder


def late_row():
    """A fact about the subject that is in the log yet."""
    return {"event": END - HOUR, "order": "late", "customer": WHOM, "quarter": "q2", "delay": 99.0}


@pytest.fixture
def floor(made, tmp_path):
    folder = Path(shutil.copytree(made, tmp_path / "floor"))
    with open_workspace(folder, clock=TurnedClock(END)) as workspace:
        yield workspace, workspace.definitions(), folder


@pytest.fixture(scope="module")
def never(tmp_path_factory):
    """The answers of a workspace in which the subject never was."""
    definitions = declared(tmp_path_factory.mktemp("never"))
    workspace = in_memory()
    fill(workspace, definitions, without=True)
    return answers(workspace, definitions)


def test_nothing_of_the_subject_is_left_in_any_file(floor):
    workspace, _, folder = floor
    assert len(holding(folder / "data")) > 5
    receipt = workspace.forgetting.forget("customer", WHOM)
    assert holding(folder / "data") == []
    assert receipt.bytes_left_in == ()


def test_everything_is_answered_as_if_the_subject_never_was(floor, never):
    workspace, definitions, _ = floor
    before = answers(workspace, definitions)
    workspace.forgetting.forget("customer", WHOM)
    after = answers(workspace, definitions)
    assert after == never
    assert before[WHOM]["habit.deliveries_7d"] > 0
    assert after[WHOM] != before[WHOM]
    habits = [{k: v for k, v in told[name].items() if "habit" in k} for told in (before, after) for name in NAMES[1:]]
    assert habits[:60] == habits[60:], "what is known of others themselves stays"


def test_the_receipt_counts_and_names_without_the_subject(floor):
    workspace, _, _ = floor
    placed, delivered = history()
    receipt = workspace.forgetting.forget("customer", WHOM)
    counts = {one.fact: one.rows for one in receipt.facts}
    own = [sum(row["customer"] == WHOM for row in rows) for rows in (placed, delivered)]
    assert counts == {"placed": own[0], "delivered": own[1] + 1, "prediction.risk": 1}
    assert all(one.parts and one.files for one in receipt.facts)
    assert (receipt.online_removed, receipt.set_aside_removed) == (1, 2)
    assert receipt.online_rebuilt > 0
    (training_set,) = receipt.training_sets
    assert (training_set.name, training_set.held) == ("late", True)
    assert sorted(training_set.models) == ["late.baseline 1.0.0", "late.by_pieces 1.0.0", "late.by_traffic 1.0.0"]
    assert receipt.entity == "customer"
    assert receipt.subject == subject_digest(salt_of(workspace.ports.records), "customer", WHOM)
    assert workspace.forgetting.receipts("customer", WHOM) == workspace.forgetting.receipts() == [receipt]
    assert WHOM not in repr(receipt)


def test_the_training_set_is_gone_its_entry_says_so_and_the_model_still_answers(floor):
    workspace, _, _ = floor
    workspace.forgetting.forget("customer", WHOM)
    (entry,) = workspace.catalog.entries("training_set")
    assert not workspace.ports.blobs.exists(entry.document)
    assert ("withdrawn", "a subject was forgotten") in workspace.catalog.lineage(entry.reference()).summary
    live = workspace.serving.live()
    live.refresh()
    rows = check_rows(live.predictor("risk").endpoint.question, [request_row()])
    assert len(live.predictor("risk").predict(rows, END)) == 1


def test_forgetting_again_finds_nothing_and_says_so(floor):
    workspace, definitions, _ = floor
    workspace.forgetting.forget("customer", WHOM)
    told = answers(workspace, definitions)
    receipt = workspace.forgetting.forget("customer", WHOM)
    assert {one.rows for one in receipt.facts} == {0}
    assert (receipt.online_removed, receipt.online_rebuilt, receipt.training_sets) == (0, 0, ())
    assert answers(workspace, definitions) == told


def test_the_same_name_later_is_somebody_new(floor):
    workspace, definitions, _ = floor
    workspace.forgetting.forget("customer", WHOM)
    append(workspace, definitions.facts["delivered"], [late_row()], name="somebody new")
    told = answers(workspace, definitions)[WHOM]
    assert (told["habit.deliveries_7d"], told["habit.last_delay"]) == (1, 99.0)


def test_another_kind_of_thing_of_the_same_name_stays(floor):
    workspace, definitions, _ = floor
    rows = [{**late_row(), "order": WHOM, "customer": "c1"}, {**late_row(), "customer": WHOM, "quarter": WHOM}]
    append(workspace, definitions.facts["delivered"], rows, name="namesakes")
    receipt = workspace.forgetting.forget("customer", WHOM)
    assert {one.fact: one.rows for one in receipt.facts}["delivered"] > 1
    kept = workspace.facts.read(definitions.facts["delivered"])[0]
    assert kept.filter(pc.equal(kept["order"], WHOM)).num_rows == 1
    question = definitions.endpoint("risk").question
    asked = check_rows(question, [request_row(quarter=WHOM)])
    (told,) = workspace.features.online(question).answer(asked, [END])
    assert told.values["traffic.deliveries_12h"] == 0, "the quarter's row was made anew without the customer's delivery"


def test_a_view_that_is_no_longer_in_use_forgets_too(floor):
    workspace, _, folder = floor
    changed = (folder / "definitions.py").read_text().replace('window="7d"', 'window="6d"')
    (folder / "definitions.py").write_text(changed)
    workspace.apply(workspace.definitions())
    workspace.forgetting.forget("customer", WHOM)
    assert holding(folder / "data") == []


def test_a_kind_that_no_fact_is_about_is_refused_with_the_nearest_name(floor):
    with pytest.raises(UnknownEntity, match="customer"):
        floor[0].forgetting.forget("custumer", WHOM)


def test_what_comes_in_meanwhile_is_said_and_forgotten_the_next_time(floor, monkeypatch):
    workspace, definitions, folder = floor
    scrub, seen = workspace.ports.records.scrub, []

    def busy():
        if not seen:
            seen.append(append(workspace, definitions.facts["delivered"], [late_row()], name="meanwhile"))
            workspace.settle()
        scrub()

    monkeypatch.setattr(workspace.ports.records, "scrub", busy)
    with pytest.raises(StillThere, match="table delivered, online store"):
        workspace.forgetting.forget("customer", WHOM)
    assert workspace.forgetting.receipts() == []
    receipt = workspace.forgetting.forget("customer", WHOM)
    assert {one.fact: one.rows for one in receipt.facts}["delivered"] > 1
    assert holding(folder / "data") == []


def test_in_memory_too(tmp_path, never):
    definitions = declared(tmp_path)
    workspace = in_memory()
    fill(workspace, definitions)
    receipt = workspace.forgetting.forget("customer", WHOM)
    assert answers(workspace, definitions) == never
    assert receipt.bytes_left_in == ()


def forget_and_die(folder, at, *, after):
    command = [sys.executable, "-W", "error", str(PROGRAM), str(folder), "customer", WHOM, str(at), str(int(after))]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def test_killed_at_any_write_it_is_finished_by_the_next(made, never, tmp_path):
    whole = forget_and_die(shutil.copytree(made, tmp_path / "whole"), 0, after=False)
    assert whole.returncode == 0, whole.stderr
    writes = int(whole.stdout)
    with open_workspace(tmp_path / "whole", clock=TurnedClock(END)) as workspace:
        (expected,) = workspace.forgetting.receipts()
    for turn in range(8):
        at = 1 + turn * (writes - 1) // 7
        folder = tmp_path / str(turn)
        shutil.copytree(made, folder)
        killed = forget_and_die(folder, at, after=turn % 2 == 1)
        # What is put together in one write or in two may differ from run to run, by one at the very end.
        ended = killed.returncode == 0 and writes - 1 <= int(killed.stdout) < at
        assert ended or killed.returncode == -signal.SIGKILL, killed.stderr
        with open_workspace(folder, clock=TurnedClock(END)) as workspace:
            receipt = workspace.forgetting.forget("customer", WHOM)
            assert answers(workspace, workspace.definitions()) == never, f"killed at write {at} of {writes}"
        assert holding(folder / "data") == []
        assert {one.fact: one.rows for one in receipt.facts} == {one.fact: one.rows for one in expected.facts} or (
            turn == 7
        ), "the receipt was written already"
        assert receipt.training_sets == expected.training_sets or turn == 7


def test_a_receipt_alone_does_not_say_whether_a_guess_is_right(tmp_path):
    receipts = []
    for name in ("one", "two"):
        definitions = declared(tmp_path / name)
        workspace = in_memory()
        fill(workspace, definitions)
        receipts.append(workspace.forgetting.forget("customer", WHOM))
        again = workspace.forgetting.forget("customer", WHOM)
        assert again.subject == receipts[-1].subject
    assert receipts[0].subject != receipts[1].subject
    guesses = ["", "salt", *receipts[0].facts[0].fact]
    assert receipts[0].subject not in {subject_digest(guess, "customer", WHOM) for guess in guesses}
