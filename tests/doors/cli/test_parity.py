from pathlib import Path
from typing import Any

import pytest

from pressroom.monitoring import Mismatch, Monitoring, ParityReport

END = "2025-04-30T00:00Z"


def test_what_was_served_equals_what_facts_give(run: Any, pushed: Path) -> None:
    samples = pushed / "samples"
    run("predict", "delivery_risk", f"@{samples / 'requests.jsonl'}", "--as-of", END, "--dir", pushed)
    run("append", "delivered", samples / "delivered_later.csv", "--known", "event + 5min", "--dir", pushed)
    said = run("parity", "delivery_risk", "--dir", pushed, "--json")
    assert said.code == 0
    assert said.document()["checked"] == 400
    assert said.document()["unequal"] == 0


def test_no_predictions_are_no_mismatch(run: Any, pushed: Path) -> None:
    said = run("parity", "delivery_risk", "--dir", pushed)
    assert said.code == 0
    assert "0 predictions" in said.out


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_a_mismatch_exits_with_1_and_is_shown(
    run: Any, pushed: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    example = Mismatch(prediction_id="p1", feature="store_pace.late_1d", served="1.0", recomputed="2.0")
    report = ParityReport(checked=1, values=7, unequal=1, by_feature=((example.feature, 1),), examples=(example,))
    monkeypatch.setattr(Monitoring, "parity", lambda *_, **__: report)
    said = run("parity", "delivery_risk", "--dir", pushed, *arguments)
    assert said.code == 1
    assert all(word in said.out for word in ("p1", "store_pace.late_1d", "2.0"))
