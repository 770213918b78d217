from pathlib import Path
from typing import Any


def test_what_happened_to_an_endpoint_is_shown(run: Any, pushed: Path) -> None:
    assert run("push", "delivery_risk", "--model", "baseline", "--dir", pushed).code == 0
    assert run("rollback", "delivery_risk", "--dir", pushed).code == 0
    document = run("pushes", "delivery_risk", "--dir", pushed, "--json").document()
    assert [(step["step"], step["version"], step["held"]) for step in document["steps"]] == [
        ("push", 1, True), ("push", 2, True), ("rollback", 1, True),
    ]  # fmt: skip
    steps = run("pushes", "delivery_risk", "--steps", "--dir", pushed, "--json").document()["steps"]
    assert {"policy", "replay", "callers", "server path"} <= {step["step"] for step in steps}
    assert "rollback" in run("pushes", "delivery_risk", "--dir", pushed).out


def test_a_model_is_tried_on_a_share_or_as_a_shadow(run: Any, pushed: Path) -> None:
    document = run(
        "push", "delivery_risk", "--model", "baseline", "--canary", "5%", "--dir", pushed, "--json"
    ).document()
    assert [(route["variant"], route["share"]) for route in document["routes"]] == [("canary", 0.05), ("stable", 0.95)]
    document = run("push", "delivery_risk", "--model", "baseline", "--shadow", "--dir", pushed, "--json").document()
    assert [route["variant"] for route in document["routes"]] == ["stable", "shadow"]
    assert run("push", "delivery_risk", "--canary", "much", "--dir", pushed).code == 2
    assert run("push", "delivery_risk", "--canary", "100%", "--dir", pushed).code == 1
