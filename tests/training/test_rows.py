import pytest

from pressroom.training.rows import labels, mature_rows
from pressroom.values import InvalidInput


def test_a_part_holds_its_rows_with_known_labels_in_order(table):
    train, validate = mature_rows(table, "train"), mature_rows(table, "validate")
    assert (train.num_rows, validate.num_rows) == (540, 270)
    assert train["scheduled"].to_pylist() == sorted(train["scheduled"].to_pylist())
    assert set(labels(validate)) == {0.0, 1.0}


def test_a_table_without_labels_or_rows_is_refused(table):
    with pytest.raises(InvalidInput, match="label, split"):
        mature_rows(table.select(["distance"]), "train")
    with pytest.raises(InvalidInput, match="'validate'"):
        mature_rows(table.slice(0, 600), "validate")
