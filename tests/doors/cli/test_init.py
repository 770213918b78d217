import json
import tomllib
from pathlib import Path
from typing import Any

from pressroom.doors.cli.init import next_steps
from pressroom.workspace import load_definitions, read_settings

FILES = {
    "pressroom.toml",
    "definitions.py",
    ".gitignore",
    "samples/ordered.csv",
    "samples/delivered.csv",
    "samples/requests.jsonl",
    "samples/delivered_later.csv",
}


def test_a_new_project_has_settings_definitions_and_samples(run: Any, tmp_path: Path) -> None:
    said = run("init", tmp_path / "shop", "--json")
    written = {str(path.relative_to(tmp_path / "shop")) for path in (tmp_path / "shop").rglob("*") if path.is_file()}
    assert said.code == 0
    assert set(said.document()["files"]) == written == FILES


def test_the_templates_settings_and_definitions_can_be_read(run: Any, tmp_path: Path) -> None:
    run("init", tmp_path)
    definitions = load_definitions(tmp_path / "definitions.py")
    assert read_settings(tmp_path, {}).project.definitions == "definitions.py"
    assert list(definitions.facts) == ["ordered", "delivered"]
    assert list(definitions.experiments) == ["delivery_model"]


def test_a_name_stands_in_the_files_and_breaks_none(run: Any, tmp_path: Path) -> None:
    assert run("init", tmp_path, "--name", 'Ada\'s "shop"\n\\').code == 0
    assert (tmp_path / "definitions.py").read_text().startswith('# Ada\'s "shop" \\:')
    load_definitions(tmp_path / "definitions.py")
    tomllib.loads((tmp_path / "pressroom.toml").read_text())


def test_a_project_is_never_overwritten(run: Any, tmp_path: Path) -> None:
    run("init", tmp_path)
    (tmp_path / "pressroom.toml").write_text("# mine\n")
    said = run("init", tmp_path)
    assert said.code == 1
    assert "pressroom.toml" in said.err
    assert (tmp_path / "pressroom.toml").read_text() == "# mine\n"


def test_a_folder_with_other_files_is_taken_and_theirs_are_kept(run: Any, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert run("init", tmp_path).code == 0
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_file_in_the_way_refuses_all_of_it(run: Any, tmp_path: Path) -> None:
    (tmp_path / "definitions.py").write_text("mine = 1\n")
    said = run("init", tmp_path)
    assert said.code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["definitions.py"]


def test_the_next_steps_are_shown_and_name_files_that_are_there(run: Any, tmp_path: Path) -> None:
    said = run("init", tmp_path / "shop")
    steps = next_steps(tmp_path / "shop")
    assert all(step in said.out for step in steps)
    named = [word.lstrip("@") for step in steps for word in step.split() if "samples/" in word]
    assert named
    assert all((tmp_path / "shop" / name).is_file() for name in named)


def test_requests_ask_what_the_endpoint_wants(run: Any, tmp_path: Path) -> None:
    run("init", tmp_path)
    question = load_definitions(tmp_path / "definitions.py").endpoints["delivery_risk"].question
    wanted = {field.name for field in (*question.keys, *question.request)}
    rows = [json.loads(line) for line in (tmp_path / "samples" / "requests.jsonl").read_text().splitlines()]
    assert {frozenset(row) for row in rows} == {frozenset(wanted)}
