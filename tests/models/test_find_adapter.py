import sys

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from pressroom.models import (
    FrameworkMissing,
    MeanBy,
    UnknownKind,
    UnsupportedModel,
    adapter_for,
    adapter_of_kind,
    framework,
    installed_adapters,
)


def test_the_built_in_adapters_are_installed():
    assert {"baseline", "lightgbm", "sklearn"} <= {adapter.kind for adapter in installed_adapters()}


def test_a_model_finds_its_adapter_and_its_kind_finds_it_again():
    for model, kind in ((MeanBy(keys=()).fit({}, np.ones(1)), "baseline"), (LogisticRegression(), "sklearn")):
        assert adapter_for(model).kind == kind
        assert adapter_of_kind(kind).owns(model)


def test_a_model_that_nobody_speaks_is_refused_with_the_kinds_there_are():
    with pytest.raises(UnsupportedModel, match=r"builtins\.dict.*baseline.*lightgbm.*sklearn"):
        adapter_for({})


def test_an_unknown_kind_lists_the_kinds_there_are():
    with pytest.raises(UnknownKind, match=r"'prophet'.*baseline.*lightgbm.*sklearn"):
        adapter_of_kind("prophet")


def test_a_missing_framework_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(FrameworkMissing, match="lightgbm") as missing:
        framework("lightgbm")
    assert "pressroom[lightgbm]" in missing.value.next_step
    with pytest.raises(FrameworkMissing):
        adapter_of_kind("lightgbm").load({"model.txt": b""}, None)
