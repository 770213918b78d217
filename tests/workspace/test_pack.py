"""Packing from a notebook: what is wrong with what was given is said in words."""

import numpy as np
import pytest

import pressroom as pr
from pressroom.values import InvalidInput


def test_an_output_that_is_no_field_is_refused_with_how_to_write_one(tmp_path):
    (tmp_path / "pressroom.toml").touch()
    with pr.open_workspace(tmp_path) as workspace, pytest.raises(InvalidInput, match="given as 'late'") as refused:
        pr.pack(max, name="late", sample={"a": np.arange(5.0)}, output="late", workspace=workspace)
    assert "pr.FieldSchema(name='late'" in refused.value.next_step


def test_rows_without_names_are_refused(tmp_path):
    (tmp_path / "pressroom.toml").touch()
    with pr.open_workspace(tmp_path) as workspace, pytest.raises(InvalidInput, match="have no names"):
        pr.pack(max, name="late", sample=np.zeros((5, 2)), workspace=workspace)
