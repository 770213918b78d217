"""A project of one's own, from `init` to a readout, through the installed command alone."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = Path(sys.executable).parent / "pressroom"
END = "2025-04-30T00:00Z"


class Shell:
    """A shell in the project's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PRESSROOM_")}
        return subprocess.run(
            [COMMAND, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )

    def ask(self, *arguments: str, code: int = 0) -> Any:
        """The command's one JSON document."""
        done = self.run(*arguments, "--json")
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout)

    def refused(self, *arguments: str, code: int = 1) -> list[str]:
        """The two lines of a refusal."""
        done = self.run(*arguments)
        assert (done.returncode, done.stdout) == (code, "")
        lines = done.stderr.splitlines()
        assert len(lines) == 2
        return lines


@pytest.mark.timeout(600)
def test_a_new_project_goes_all_the_way_to_a_readout(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    Shell(tmp_path).ask("init", "shop")
    shell = Shell(tmp_path / "shop")
    _facts_come_in(shell)
    _a_model_answers(shell)
    _an_answer_is_explained(shell)
    _an_experiment_decides(shell)


def _facts_come_in(shell: Shell) -> None:
    assert shell.ask("plan")["changes"] == 4
    assert shell.ask("apply")["changes"] == 4
    assert shell.ask("plan")["changes"] == 0
    ordered = ("append", "ordered", "samples/ordered.csv", "--known", "event")
    delivered = ("append", "Delivered", "samples/delivered.csv", "--known", "event + 5min")
    assert shell.ask(*ordered)["receipt"] | {"batch": ""} == {
        "fact": "ordered", "source": "file", "batch": "", "appended": 4_800, "set_aside": 0, "repeated": False,
    }  # fmt: skip
    assert shell.ask(*delivered)["receipt"]["repeated"] is False
    assert shell.ask(*delivered)["receipt"]["repeated"] is True
    (shell.folder / "naive.csv").write_text(
        "event,order,customer,store,minutes_late\n2025-03-01T10:00:00,z1,c001,mill,1.0\n"
    )
    naive = shell.ask("append", "delivered", "naive.csv", "--known", "event")
    assert (naive["receipt"]["appended"], naive["receipt"]["set_aside"]) == (0, 1)
    [batch] = shell.ask("set-aside", "delivered")["batches"]
    assert batch["examples"][0]["value"] == "2025-03-01T10:00:00"


def _a_model_answers(shell: Shell) -> None:
    assert "Run `pressroom train late_delivery`." in shell.refused("push", "delivery_risk")[1]
    trained = shell.ask("train", "late_delivery")
    baseline, *candidates = trained["models"]
    assert baseline["candidate"] == "baseline"
    assert all(candidate["auc"] > baseline["auc"] + 0.1 for candidate in candidates)
    pushed = shell.ask("push", "delivery_risk")
    assert [route["model"] for route in pushed["routes"]] == [trained["best"]]
    bill = shell.ask("bill", "--run", trained["run"])["bill"]
    assert {"training_set", "train.baseline", "train.logistic"} <= {line["step"] for line in bill["lines"]}
    assert "no version before" in shell.refused("rollback", "delivery_risk")[0]


def _an_answer_is_explained(shell: Shell) -> None:
    row = (shell.folder / "samples" / "requests.jsonl").read_text().splitlines()[0]
    [answer] = shell.ask("predict", "delivery_risk", row, "--as-of", END)["predictions"]
    why = shell.ask("why", answer["prediction_id"])
    assert why["prediction"] == answer["prediction"]
    assert why["lineage"]["parents"][0]["parents"][0]["kind"] == "training_set"


def _an_experiment_decides(shell: Shell) -> None:
    assert [route["share"] for route in shell.ask("ramp", "delivery_model", "50%")["routes"]] == [0.5, 0.5]
    answers = shell.ask("predict", "delivery_risk", "@samples/requests.jsonl", "--as-of", END)["predictions"]
    assert {answer["variant"] for answer in answers} == {"logistic", "baseline"}
    shell.ask("append", "delivered", "samples/delivered_later.csv", "--known", "event + 5min")
    shell.ask("settle")
    readout = shell.ask("readout", "delivery_model")["readout"]
    assert readout["trusted"] is True
    assert readout["brier_difference_interval"][1] < 0
    assert readout["sentence"].startswith("logistic is better")
    assert shell.ask("parity", "delivery_risk")["unequal"] == 0
    assert shell.ask("rollback", "delivery_risk")["version"] == 1
    assert shell.ask("status")["endpoints"][0]["predictions"] == 401


def test_wrong_uses_end_in_two_lines(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    assert "no pressroom.toml" in shell.refused("plan")[0]
    shell.refused("sing", code=2)
    shell.refused("plan", "--loud", code=2)
    shell.ask("init", ".")
    shell.ask("apply")
    assert "Did you mean 'ordered'?" in shell.refused("append", "orderd", "samples/ordered.csv", "--known", "event")[1]
    shell.refused("append", "ordered", "samples/ordered.csv", "--known", "some day", code=2)
    shell.refused("append", "ordered", "samples/ordered.csv", code=2)
    shell.refused("init", ".")
