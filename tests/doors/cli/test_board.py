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


def test_the_board_is_a_page_too(run: Any, trained: Path, tmp_path: Path) -> None:
    page = tmp_path / "board.html"
    assert str(page) in run("board", "--dir", trained, "--page", page).out
    said = page.read_text(encoding="utf-8")
    assert "<script" not in said
    assert "http" not in said.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")
    for section in ("Features nobody reads", "By day", "Teams", "Flows", "Steps", "Features, by cost"):
        assert f"<h2>{section}</h2>" in said
    assert said.index("Features nobody reads") < said.index("<h2>Flows</h2>")


def test_an_empty_board_is_a_page_too(run: Any, tmp_path: Path) -> None:
    (tmp_path / "pressroom.toml").touch()
    run("board", "--dir", tmp_path, "--page", tmp_path / "board.html")
    assert "Every feature that is kept has a reader" in (tmp_path / "board.html").read_text(encoding="utf-8")
