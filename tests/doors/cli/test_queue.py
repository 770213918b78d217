from pathlib import Path
from typing import Any

import pytest

from pressroom.flows.turns import Wish
from pressroom.tiers import Share
from pressroom.workspace import open_workspace


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    settings = "[machine]\ncores = 2\ngpus = 1\n[quotas.ads]\ncpu = 1\nmost_cpu = 1\n"
    (tmp_path / "pressroom.toml").write_text(settings, encoding="utf-8")
    return tmp_path


def test_nobody_works_and_nobody_waits(run: Any, shop: Path) -> None:
    said = run("queue", "--dir", shop)
    assert said.out.startswith("0 work, 0 wait; 2 cores")


def test_who_waits_for_what_and_why(run: Any, shop: Path) -> None:
    with open_workspace(shop) as workspace:
        turns = workspace.turns
        asked = [("a", "ads", "batch", 1.0), ("b", "ads", "batch", 1.0), ("c", "maps", "batch", 2.0)]
        for name, team, tier, cpu in [*asked, ("d", "maps", "production", 8.0)]:
            turns.wish(name, Wish(tier=tier, team=team, ask=Share(cpu=cpu), since_s=0.0))
        turns.look()
        found = run("queue", "--dir", shop, "--json").document()
        text = run("queue", "--dir", shop).out
    assert [each["attempt"] for each in found["working"]] == ["a"]
    reasons = {each["attempt"]: each["reason"] for each in found["waiting"]}
    assert reasons["b"].startswith("ads holds 1 cores")
    assert "asks 2 cores" in reasons["c"]
    assert reasons["d"].endswith("it can never start here")
    assert found["waiting"][0]["attempt"] == "d"
    assert "waits: " in text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("[machine]\ncores = true\n", "machine.cores"),
        ("[machine]\nfloor = 0.0\n", "floor"),
        ("[machine]\nheight = 1\n", "height"),
        ("[machine]\nmin_run = 'soon'\n", "machine.min_run"),
        ("[quotas.ads]\nmemory = 'much'\n", "quotas.ads.memory"),
        ("[budgets.team.ads]\nevery = '1d'\n", "budgets.team.ads"),
        ("[budgets.person.ann]\nusd = 1\n", "person"),
        ("[budgets.team.ads]\nusd = 0\n", "ads"),
    ],
)
def test_wrong_settings_are_refused_and_named(run: Any, tmp_path: Path, settings: str, said: str) -> None:
    (tmp_path / "pressroom.toml").write_text(settings, encoding="utf-8")
    answer = run("queue", "--dir", tmp_path)
    assert answer.code == 1
    assert said in answer.err


def test_the_rules_are_tried_on_a_trace(run: Any, shop: Path) -> None:
    found = run("simulate", "--jobs", 300, "--cores", 64, "--dir", shop, "--json").document()
    assert sum(tier["jobs"] for tier in found["tiers"].values()) == found["jobs"]
    assert found["utilisation"] > 0.5
    assert "Production took" in run("simulate", "--jobs", 100, "--cores", 64, "--dir", shop).out
