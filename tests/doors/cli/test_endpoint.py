from pathlib import Path
from typing import Any


def test_an_endpoint_shows_who_answers_and_what_is_worked_out_once(run: Any, pushed: Path) -> None:
    document = run("endpoint", "delivery_risk", "--dir", pushed, "--json").document()
    assert (document["endpoint"], document["version"]) == ("delivery_risk", 1)
    assert document["deadline_ms"] > 0
    ((model, once),) = document["once"].items()
    assert model.startswith(document["routes"][0]["model"])
    assert once["way"] in ("sums", "bits", "graph", "whole")
    assert once["because"]
    said = run("endpoint", "delivery_risk", "--dir", pushed).out
    assert "version 1 answers" in said
    assert once["way"] in said


def test_an_endpoint_that_is_not_there_is_refused(run: Any, pushed: Path) -> None:
    found = run("endpoint", "nothing", "--dir", pushed)
    assert found.code == 1
    assert "nothing" in found.err
