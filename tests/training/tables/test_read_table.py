from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from pressroom.facts import BadBatch
from pressroom.training.tables.column import field_names
from pressroom.training.tables.read_table import read_table, table_of
from pressroom.values import InvalidInput, NotFound


def written(tmp_path, text, name="t.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def kinds(table):
    return {column.given: column.kind for column in table.columns}


def test_every_kind_of_column_is_told_apart(tmp_path):
    rows = ["id,price,pieces,gift,flag,plan,at,day,note,same,zip,none"]
    rows += [
        f"k{place},{place * 1.5},{place % 7},{'true' if place % 2 else 'false'},{place % 2},{'abc'[place % 3]},"
        f"2024-01-{1 + place % 28:02}T10:00Z,2024-01-{1 + place % 28:02},"
        f"he said {place} long words,x,0{place % 90 + 10},"
        for place in range(120)
    ]
    table = read_table(written(tmp_path, "\n".join(rows)))
    assert kinds(table) == {
        "id": "identifier", "price": "number", "pieces": "whole number", "gift": "yes or no", "flag": "yes or no",
        "plan": "category", "at": "instant", "day": "instant without a zone", "note": "text", "same": "constant",
        "zip": "category", "none": "empty",
    }  # fmt: skip


@pytest.mark.parametrize(
    "way",
    ["%d/%m/%Y", "%m/%d/%y", "%d.%m.%Y", "%Y/%m/%d", "%d %b %Y", "%B %d, %Y", "%d-%m-%Y %H:%M", "%m/%d/%Y %I:%M %p"],
)
def test_dates_written_for_people_are_neither_categories_nor_instants(tmp_path, way):
    days = [(datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=place)).strftime(way) for place in range(60)]
    text = "\n".join(["a,day,none", *(f'{place},"{day}",' for place, day in enumerate(days))])
    table = read_table(written(tmp_path, text), zone="UTC")
    assert kinds(table)["day"] == "date for people"
    assert table.named("day").is_what() == "holds dates that are written for people"


@pytest.mark.parametrize("text", ["1.2.3", "12/24", "maybe 3, 2024 pieces", "1/2.2024", "may"])
def test_texts_with_dots_and_slashes_stay_categories(tmp_path, text):
    table = read_table(
        written(tmp_path, "\n".join(["a,b", *(f'{place},"{text}{"" if place % 2 else "x"}"' for place in range(60))]))
    )
    assert kinds(table)["b"] == "category"


def test_words_for_missing_are_missing_in_numbers_and_words_in_texts(tmp_path):
    lines = ["a,b", *(f"{place},x{place % 2}" for place in range(30)), "NA,NA", "n/a,x1", "?,x0", ",", "null,x1"]
    table = read_table(written(tmp_path, "\n".join(lines)))
    assert kinds(table) == {"a": "whole number", "b": "category"}
    assert table.named("a").missing == 5
    assert (table.named("b").missing, table.named("b").distinct) == (1, 3)


def test_one_wrong_value_among_numbers_is_named_with_row_column_and_what_was_expected(tmp_path):
    text = "\n".join(["a,price", *(f"{place},{place}.5" for place in range(60)), "60,12 EUR"])
    with pytest.raises(InvalidInput, match=r"t\.csv, column 'price', row 61: '12 EUR' is not a number, and 60 other"):
        read_table(written(tmp_path, text))


def test_one_naive_instant_among_instants_is_named(tmp_path):
    text = "\n".join(
        ["a,at", *(f"{place},2024-01-0{1 + place % 9}T10:00Z" for place in range(60)), "60,2024-01-09T10:00"]
    )
    with pytest.raises(InvalidInput, match="row 61: '2024-01-09T10:00' is not an instant with a zone"):
        read_table(written(tmp_path, text))


def test_a_zone_makes_instants_of_days_and_wall_clocks(tmp_path):
    text = "\n".join(["a,day", *(f"{place},2024-07-0{1 + place % 9}" for place in range(30))])
    table = read_table(written(tmp_path, text), zone="Europe/Paris")
    assert table.named("day").kind == "instant"
    assert str(table.named("day").values[0].as_py()) == "2024-06-30 22:00:00+00:00"


@pytest.mark.parametrize("numeral", ["1.234,50", "12,5", "€ 12", "45%", "1,234.50"])
def test_numbers_written_for_people_are_refused(tmp_path, numeral):
    lines = ["a,b", *(f'{place},"{numeral}"' for place in range(20)), '20,"7,25"', '21,"8,75"', '22,"9,5"', '23,"1,5"']
    with pytest.raises(InvalidInput, match="looks like a number, and is written for people"):
        read_table(written(tmp_path, "\n".join(lines)))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"a,b\n", "no rows"),
        (b"a;b\n1;2\n", "not separated by commas"),
        (b"a,b\n1,2\n3\n", "row 2: expected 2 values"),
        (b"a,a\n1,2\n", "two columns 'a'"),
        (b'a,b\n1,"2\n', "never closed"),
        (b"a,b\n1,\xff\xfe\n", "no UTF-8"),
        (b"\xff\xfea,b\n1,2\n", "UTF-8"),
    ],
)  # fmt: skip
def test_files_that_are_no_tables_are_refused_with_their_place(tmp_path, content, said):
    with pytest.raises((BadBatch, InvalidInput), match=said):
        read_table(written(tmp_path, content))


def test_infinity_is_refused_and_nan_is_missing():
    with pytest.raises(InvalidInput, match="row 2: infinity"):
        table_of(pa.table({"a": [1.0, np.inf]}), source="t")
    assert table_of(pa.table({"a": [1.5, np.nan, 2.5]}), source="t").named("a").missing == 1


def test_columns_of_types_that_no_model_takes_are_told(tmp_path):
    table = table_of(pa.table({"a": [[1, 2]], "b": [{"x": 1}], "c": [b"x"]}), source="t")
    assert set(kinds(table).values()) == {"something else"}


def test_parquet_and_json_lines_and_categories_are_read_alike(tmp_path):
    import pyarrow.parquet as pq  # noqa: PLC0415

    rows = pa.table({"plan": pa.array(["a", "b", "a"] * 20).dictionary_encode(), "n": list(range(0, 120, 2))})
    pq.write_table(rows, tmp_path / "t.parquet")
    assert kinds(read_table(tmp_path / "t.parquet"))["plan"] == "category"
    lines = "\n".join(f'{{"plan": "{"ab"[place % 2]}", "n": {place}.5}}' for place in range(40))
    assert kinds(read_table(written(tmp_path, lines, "t.jsonl"))) == {"plan": "category", "n": "number"}


def test_an_identifier_is_found_among_texts_and_numbers_and_honest_numbers_are_not():
    draw = np.random.default_rng(1)
    rows = 500
    table = table_of(
        pa.table(
            {
                "ticket": [f"T-{draw.integers(10**9)}" for _ in range(rows)],
                "row_number": np.arange(rows),
                "shuffled": draw.permutation(rows) + 7_000,
                "order_id": draw.integers(0, 10**9, rows),
                "salary": draw.integers(20_000, 10**8, rows),
                "amount": draw.random(rows),
                "visits": draw.poisson(5, rows),
            }
        ),
        source="t",
    )
    found = {name for name, kind in kinds(table).items() if kind == "identifier"}
    assert found == {"ticket", "row_number", "shuffled", "order_id"}


def test_names_become_fields_of_requests_each_another_one():
    given = ["Größe (cm)", "größe cm", "2nd", "event", "", "日本", "a.b"]
    assert field_names(given) == ["groe_cm", "groe_cm_2", "c_2nd", "event_", "column_5", "column_6", "a_b"]


def test_an_unknown_column_is_refused_with_the_nearest_name():
    with pytest.raises(NotFound) as refused:
        table_of(pa.table({"churned": ["a"]}), source="t").named("churnd")
    assert "churned" in refused.value.next_step
