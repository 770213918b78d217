import json

from typer.testing import CliRunner

from pressroom.doors.cli.main import app


def test_every_executor_says_what_it_enforces_or_why_it_can_not_be_used(tmp_path):
    (tmp_path / "pressroom.toml").write_text('[executors]\nuse = "sandbox"\n')
    done = CliRunner().invoke(app, ["executors", "--dir", str(tmp_path), "--json"])
    assert done.exit_code == 0, done.output
    found = {each["executor"]: each for each in json.loads(done.stdout)["executors"]}
    assert list(found) == ["inline", "process", "sandbox", "container", "ray", "kubernetes"]
    assert found["inline"]["enforces"] == {}
    assert set(found["process"]["enforces"]) == {"cpu", "memory", "time"}
    assert [name for name, each in found.items() if each["usual"]] == ["sandbox"]
    assert "names no cluster" in found["ray"]["why_not"]
    for each in found.values():
        assert each["usable"] == (each["why_not"] == "")


def test_people_see_a_table(tmp_path):
    (tmp_path / "pressroom.toml").touch()
    done = CliRunner().invoke(app, ["executors", "--dir", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "process (of steps that name none):\n" in done.stdout
    assert "memory, time: watched every 50 ms\n" in done.stdout
    assert "kubernetes: can't be used" in done.stdout


def test_an_unknown_executor_in_the_settings_is_named(tmp_path):
    (tmp_path / "pressroom.toml").write_text('[executors]\nuse = "sandbocks"\n')
    done = CliRunner().invoke(app, ["executors", "--dir", str(tmp_path)])
    assert done.exit_code != 0
    assert "sandbox" in done.output
