import csv
import hashlib
import io
import json

from pressroom.doors.cli.samples import END, START, sample_files
from pressroom.values import parse_instant

DIGESTS = {
    "ordered.csv": "28a411837cf9",
    "delivered.csv": "fe6154450bc9",
    "requests.jsonl": "748ca143751e",
    "delivered_later.csv": "2d5b0cd2adf6",
}


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(sample_files()[name])))


def test_the_samples_are_the_same_every_time() -> None:
    texts = sample_files()
    assert texts == sample_files()
    assert {name: hashlib.sha256(text.encode()).hexdigest()[:12] for name, text in texts.items()} == DIGESTS


def test_instants_have_a_zone_and_lie_where_they_belong() -> None:
    start, end = parse_instant(START), parse_instant(END)
    ordered, delivered = _rows("ordered.csv"), _rows("delivered.csv")
    assert all(row["event"].endswith("Z") for row in (*ordered, *delivered))
    assert all(start <= parse_instant(row["event"]) < end for row in (*ordered, *delivered))
    assert all(parse_instant(row["event"]) >= end for row in _rows("delivered_later.csv"))


def test_every_order_is_delivered_once_and_after_it_was_placed() -> None:
    placed = {row["order"]: parse_instant(row["event"]) for row in _rows("ordered.csv")}
    asked = {json.loads(line)["order"] for line in sample_files()["requests.jsonl"].splitlines()}
    delivered = [*_rows("delivered.csv"), *_rows("delivered_later.csv")]
    assert len(delivered) == len({row["order"] for row in delivered})
    assert {row["order"] for row in delivered} == set(placed) | asked
    assert all(parse_instant(row["event"]) > placed.get(row["order"], 0) for row in delivered)


def test_about_a_third_of_the_deliveries_are_late() -> None:
    late = [float(row["minutes_late"]) > 15 for row in _rows("delivered.csv")]
    assert 0.2 < sum(late) / len(late) < 0.45
