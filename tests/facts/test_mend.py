"""Rows that were set aside: given out as they stood, mended, appended once."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from pressroom.facts import BadBatch, RawBatch, UnknownBatch, read_file
from pressroom.facts.mend import LINE, REASON, ROW
from pressroom.ports import Log, NoSpace
from pressroom.values import Conflict

EVENT = "2013-01-01T00:00Z"
GOOD = [(f"N{number}", str(number)) for number in range(1, 6)]


def content(lines, header="event,tail,delay"):
    return header + "\n" + "".join(f"{EVENT},{tail},{delay}\n" for tail, delay in lines)


def as_file(mending, change=lambda row: row):
    """The rows as a CSV file, each changed."""
    out = io.StringIO()
    lines = csv.DictWriter(out, mending.columns, lineterminator="\n")
    lines.writeheader()
    lines.writerows(change(dict(zip(mending.columns, row, strict=True))) for row in mending.rows)
    return out.getvalue()


@pytest.fixture
def monday(desk, batch_of, file):
    """A batch of which rows 2 and 4 are wrong."""
    lines = [(tail, "soon" if tail in ("N2", "N4") else delay) for tail, delay in GOOD]
    (receipt,) = desk.facts.append(batch_of(read_file(file("a.csv", content(lines))), batch="monday"))
    assert (receipt.appended, receipt.set_aside) == (3, 2)


@pytest.fixture
def mend(desk, batch_of, file):
    def send(text, **more):
        return desk.facts.mend(batch_of(read_file(file("mend.csv", text)), **more), of="monday")

    return send


def right(row):
    return {**row, "delay": row["tail"][1:]}


def delays(desk, landing):
    table, _ = desk.facts.read(landing.schema)
    return sorted(zip(table["tail"].to_pylist(), table["delay"].to_pylist(), strict=True))


def test_rows_are_given_out_as_they_stood_with_their_number_and_reason(desk, monday):
    mending = desk.facts.to_mend("landing", "monday")
    assert mending.columns == (ROW, REASON, "event", "tail", "delay")
    assert mending.rows == (
        ("2", "delay: expected a number", EVENT, "N2", "soon"),
        ("4", "delay: expected a number", EVENT, "N4", "soon"),
    )


def test_mended_rows_go_in_under_the_batchs_name_and_leave(desk, landing, monday, mend):
    receipt = mend(as_file(desk.facts.to_mend("landing", "monday"), right))
    assert (receipt.appended, receipt.set_aside, receipt.repeated, receipt.source) == (2, 0, False, "test")
    assert receipt.batch.startswith("monday:mended:")
    assert delays(desk, landing) == [(tail, float(delay)) for tail, delay in GOOD]
    (batch,) = desk.facts.set_aside()
    assert (batch.rows, batch.reasons, batch.examples, batch.mended()) == (0, {}, (), {2, 4})
    assert [(one.batch, one.at) for one in batch.mends] == [(receipt.batch, desk.clock.now())]


def test_the_same_file_again_adds_nothing(desk, landing, monday, mend):
    text = as_file(desk.facts.to_mend("landing", "monday"), right)
    mend(text)
    receipt = mend(text)
    assert (receipt.appended, receipt.repeated) == (0, True)
    assert len(delays(desk, landing)) == 5


def test_a_file_that_is_mended_further_adds_only_what_is_new(desk, landing, monday, mend):
    mending = desk.facts.to_mend("landing", "monday")
    receipt = mend(as_file(mending, lambda row: right(row) if row["tail"] == "N2" else {**row, "delay": "later"}))
    assert (receipt.appended, receipt.set_aside) == (1, 1)
    (batch,) = desk.facts.set_aside()
    assert [(row.row, row.value, row.reason) for row in batch.examples] == [(4, "later", "expected a number")]
    assert desk.facts.to_mend("landing", "monday").rows == (("4", "delay: expected a number", EVENT, "N4", "later"),)
    receipt = mend(as_file(mending, right))
    assert (receipt.appended, receipt.set_aside) == (1, 0)
    assert delays(desk, landing) == [(tail, float(delay)) for tail, delay in GOOD]


def test_the_batch_sent_again_brings_back_nothing_that_was_mended(desk, landing, batch_of, file, monday, mend):
    mend(as_file(desk.facts.to_mend("landing", "monday"), right))
    (receipt,) = desk.facts.append(batch_of(_wrong(file), batch="monday"))
    assert receipt.repeated
    assert [batch.rows for batch in desk.facts.set_aside()] == [0]
    assert len(delays(desk, landing)) == 5


def _wrong(file):
    lines = [(tail, "soon" if tail in ("N2", "N4") else delay) for tail, delay in GOOD]
    return read_file(file("again.csv", content(lines)))


def test_another_batch_of_that_name_which_is_not_kept_takes_nobodys_place(desk, batch_of, file, monday):
    other = read_file(file("other.csv", content([("N9", "never")])))
    (receipt,) = desk.facts.append(batch_of(other, batch="monday"))
    assert receipt.repeated
    (batch,) = desk.facts.set_aside()
    assert [row.row for row in batch.examples] == [2, 4]


def test_lines_that_are_no_rows_are_given_out_whole(desk, landing, batch_of, file, mend):
    long = "x" * 200
    text = f"event,tail,delay\n{EVENT},N1,1\n{long}\n{EVENT},N3,z\n"
    desk.facts.append(batch_of(read_file(file("a.csv", text)), batch="monday"))
    mending = desk.facts.to_mend("landing", "monday")
    assert mending.columns == (ROW, REASON, LINE, "event", "tail", "delay")
    assert mending.rows[0] == (
        "2", "expected 3 values in the line, found 1", long, None, None, None,
    )  # fmt: skip
    receipt = mend(as_file(mending, lambda row: {**row, "event": EVENT, "tail": f"N{row[ROW]}", "delay": row[ROW]}))
    assert receipt.appended == 2
    assert delays(desk, landing) == [("N1", 1.0), ("N2", 2.0), ("N3", 3.0)]


def test_values_of_every_kind_are_given_out_so_that_they_can_be_read_again(desk, landing, batch_of, mend):
    planned = datetime(2013, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    table = pa.table(
        {
            "event": pa.array([planned], pa.timestamp("us", "UTC")),
            "tail": pa.array(["N1"]),
            "delay": pa.array(["soon"]),
            "seats": pa.array([2**60], pa.int64()),
            "smooth": pa.array([True]),
            "gate": pa.array(['a,"b"\n']),
            "planned": pa.array([planned], pa.timestamp("us", "UTC")),
        }
    )
    desk.facts.append(batch_of(RawBatch(table=table), batch="monday"))
    assert mend(as_file(desk.facts.to_mend("landing", "monday"), lambda row: {**row, "delay": "1.5"})).appended == 1
    (row,) = desk.facts.read(landing.schema)[0].to_pylist()
    assert (row["seats"], row["smooth"], row["gate"], row["delay"]) == (2**60, True, 'a,"b"\n', 1.5)
    assert row["event"] == row["planned"] == planned


@pytest.mark.parametrize(
    "text",
    [
        content([("N2", "2")]),
        f"{ROW},event,tail,delay\n7,{EVENT},N7,7\n",
        f"{ROW},event,tail,delay\n2,{EVENT},N2,2\n2,{EVENT},N2,2\n",
        f"{ROW},event,tail,delay\n,{EVENT},N2,2\n",
        f"{ROW},event,tail,delay\nsecond,{EVENT},N2,2\n",
        f"{ROW},event,tail,delay\n2,{EVENT},N2,2\nbroken\n",
        f"{ROW},event,tail,speed\n2,{EVENT},N2,2\n",
    ],
    ids=["no number", "another row", "twice", "empty", "no whole number", "no row", "another column"],
)
def test_a_file_that_does_not_say_which_rows_it_mends_is_refused(desk, landing, monday, mend, text):
    with pytest.raises(BadBatch):
        mend(text)
    assert len(delays(desk, landing)) == 3
    assert [batch.rows for batch in desk.facts.set_aside()] == [2]


def test_a_batch_of_which_nothing_was_set_aside_is_refused(desk, monday):
    with pytest.raises(UnknownBatch, match="monday"):
        desk.facts.to_mend("landing", "mondya")


def test_the_source_says_which_of_two_batches_is_meant(desk, batch_of, file):
    for source in ("north", "south"):
        raw = read_file(file("a.csv", content([(source, "soon")])))
        desk.facts.append(batch_of(raw, source=source, batch="monday"))
    assert desk.facts.to_mend("landing", "monday", source="south").rows[0][3] == "south"
    with pytest.raises(UnknownBatch):
        desk.facts.to_mend("landing", "monday")


class _Cut:
    """A log before which, or after which, the process dies."""

    def __init__(self, log: Log, *, before: bool) -> None:
        self._log, self._before = log, before

    def append(self, entries):
        if not self._before:
            self._log.append(entries)
        raise KeyboardInterrupt

    def __getattr__(self, name):
        return getattr(self._log, name)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("further", [True, False])
def test_a_mend_that_is_cut_short_is_finished_by_the_next(desk, landing, monday, mend, before, further):
    mending = desk.facts.to_mend("landing", "monday")
    log = desk.facts._log
    desk.facts._log = _Cut(log, before=before)
    with pytest.raises(KeyboardInterrupt):
        mend(as_file(mending, lambda row: right(row) if row["tail"] == "N2" or not further else row))
    desk.facts._log = log
    mend(as_file(mending, right))
    assert delays(desk, landing) == [(tail, float(delay)) for tail, delay in GOOD]
    assert [(batch.rows, batch.mended()) for batch in desk.facts.set_aside()] == [(0, {2, 4})]


def test_a_full_disk_loses_no_row_and_mends_later(desk, landing, monday, mend):
    text = as_file(desk.facts.to_mend("landing", "monday"), right)
    log = desk.facts._log

    class Full(_Cut):
        def append(self, entries):
            raise NoSpace("full")

    desk.facts._log = Full(log, before=True)
    with pytest.raises(NoSpace):
        mend(text)
    desk.facts._log = log
    assert len(desk.facts.to_mend("landing", "monday").rows) == 2
    assert mend(text).appended == 2
    assert len(delays(desk, landing)) == 5


def test_of_two_who_mend_at_once_one_is_refused(desk, landing, batch_of, file, monday, mend):
    text = as_file(desk.facts.to_mend("landing", "monday"), right)
    log = desk.facts._log

    class Beside(_Cut):
        def append(self, entries):
            desk.facts._log = log
            mend(text)
            return log.append(entries)

    desk.facts._log = Beside(log, before=True)
    with pytest.raises(Conflict):
        mend(text)
    assert mend(text).repeated
    assert delays(desk, landing) == [(tail, float(delay)) for tail, delay in GOOD]


def test_rows_beyond_the_examples_are_kept_and_mended_too(desk, landing, batch_of, monday):
    count = 10_003
    table = pa.table({"event": [EVENT] * count, "tail": [f"T{n}" for n in range(count)], "delay": ["x"] * count})
    desk.facts.append(batch_of(RawBatch(table=table), batch="tuesday"))
    mending = desk.facts.to_mend("landing", "tuesday")
    assert len(mending.rows) == count
    part = pa.table({ROW: [1, count], "event": [EVENT] * 2, "tail": ["T0", "Tn"], "delay": [1.0, 2.0]})
    receipt = desk.facts.mend(replace(batch_of(RawBatch(table=part))), of="tuesday")
    assert receipt.appended == 2
    left = desk.facts.to_mend("landing", "tuesday")
    assert [row[0] for row in left.rows] == [str(number) for number in range(2, count)]
    (batch,) = [one for one in desk.facts.set_aside() if one.batch == "tuesday"]
    assert (batch.rows, batch.reasons) == (count - 2, {"expected a number": count - 2})


def test_a_correction_that_meant_nothing_can_be_mended(desk, landing, batch_of, mend):
    table = pa.table({"event": [EVENT] * 2, "tail": ["N1", "N2"], "delay": [1.0, 2.0]})
    desk.facts.append(batch_of(RawBatch(table=table)))
    wrong = pa.table({"event": [EVENT] * 3, "tail": [None, "N9", "N2"], "delay": [0.0, 5.0, 6.0]})
    (receipt,) = desk.facts.append(batch_of(RawBatch(table=wrong), batch="monday", change="corrects"))
    assert receipt.set_aside == 2
    mending = desk.facts.to_mend("landing", "monday")
    assert [(row[0], row[3]) for row in mending.rows] == [("1", None), ("2", "N9")]
    text = as_file(mending, lambda row: {**row, "tail": "N1"} if row[ROW] == "2" else {**row, "tail": "N8"})
    receipt = mend(text, change="corrects")
    assert (receipt.set_aside, delays(desk, landing)) == (1, [("N1", 5.0), ("N2", 6.0)])
