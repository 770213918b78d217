from pathlib import Path
from typing import Any


def test_features_that_nobody_reads_stand_at_the_top(run: Any, filled: Path) -> None:
    board = run("board", "--dir", filled, "--json").document()
    assert board["unread"]
    assert board["unread"] == board["features"]
    assert all(feature["stored_bytes"] > 0 and feature["readers"] == [] for feature in board["unread"])
    said = run("board", "--dir", filled).out.splitlines()
    assert "feature nobody reads" in next(line for line in said if line.strip())


def test_flows_are_ranked_by_cost_and_features_have_their_readers(run: Any, trained: Path) -> None:
    board = run("board", "--dir", trained, "--json").document()
    assert [place["flow"] for place in board["by_cost"]] == ["train"]
    assert board["by_cost"][0]["usd"] > 0
    assert board["by_waste"] == []
    read = [feature for feature in board["features"] if feature["readers"]]
    assert read
    assert all("late_delivery" in feature["readers"] for feature in read)
    assert "late_delivery" in run("board", "--dir", trained).out


def test_an_empty_workspace_has_an_empty_board(run: Any, tmp_path: Path) -> None:
    (tmp_path / "pressroom.toml").touch()
    assert "Nothing was used yet" in run("board", "--dir", tmp_path).out
