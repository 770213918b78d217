"""Traces of a text in files: plain, across the parts in which a file is read, and inside compressed columns."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pressroom.workspace import traces as module
from pressroom.workspace.traces import traces


def test_files_that_hold_the_text_are_found_in_any_folder(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "plain").write_bytes(b"\x00somebody\x00")
    (tmp_path / "other").write_bytes(b"nobody")
    (tmp_path / "z").write_bytes(b"somebody")
    assert traces(tmp_path, "somebody") == ("a/plain", "z")


@pytest.mark.parametrize("shift", range(9))
def test_a_text_across_two_readings_is_found(tmp_path, monkeypatch, shift):
    monkeypatch.setattr(module, "_CHUNK_BYTES", 16)
    (tmp_path / "file").write_bytes(b"x" * (8 + shift) + b"somebody" + b"x" * 40)
    assert traces(tmp_path, "somebody") == ("file",)


def test_compressed_columns_are_looked_into(tmp_path):
    rows = pa.table({"n": range(5_000), "who": [f"somebody {n}" for n in range(5_000)]})
    for number, table in enumerate((rows, rows.select(["n"]))):
        pq.write_table(table, tmp_path / str(number), compression="zstd", use_dictionary=False, write_statistics=False)
    assert b"somebody 4321" not in (tmp_path / "0").read_bytes()
    assert traces(tmp_path, "somebody 4321") == ("0",)


def test_a_text_that_would_be_found_anywhere_is_not_looked_for(tmp_path):
    (tmp_path / "file").write_bytes(b"c1")
    assert traces(tmp_path, "c1") == ()
    assert traces(tmp_path / "nowhere", "somebody") == ()
