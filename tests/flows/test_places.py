import os

import pytest

from pressroom.flows import load_module
from pressroom.ports import NotEnforced
from pressroom.values import PressroomError
from pressroom.workspace import open_workspace

JOBS = """
    import os
    from pathlib import Path

    import pressroom as pr
    from aside import doubled

    @pr.step(cache=False)
    def usual(n: int) -> int:
        return doubled(n)

    @pr.step(runs_in="sandbox", isolated=True, memory_limit="2GB", time_limit="60s", cache=False)
    def walled(n: int, workspace: str) -> list[str]:
        from later import named
        seen = os.listdir(workspace) if os.path.isdir(workspace) else []
        return [named(n), *sorted(seen), os.environ.get("PLACES_TOKEN", "no token")]

    @pr.step(inline=True, cache=False)
    def here(n: int) -> int:
        return os.getpid()

    @pr.step(cpus=1)
    def greedy() -> int:
        return 1

    @pr.step(disk_limit="1GB")
    def hoarder() -> int:
        return 1

    @pr.step(isolated=True)
    def shy() -> int:
        return 1

    @pr.step(runs_in="inline", memory_limit="1GB")
    def unlimited() -> int:
        return 1

    @pr.step(runs_in="the moon")
    def far() -> int:
        return 1

    @pr.flow
    def all_places(workspace: str):
        return [usual(2), walled(usual(3), workspace), here(1)]

    @pr.flow
    def one(name: str):
        return globals()[name]()
"""


@pytest.fixture
def places(project, monkeypatch):
    monkeypatch.setenv("PLACES_TOKEN", "a secret")
    project.write("aside.py", "def doubled(n):\n    return n * 2\n")
    project.write("later.py", "def named(n):\n    return f'n is {n}'\n")
    project.write("secret.txt", "salaries")
    return project, load_module(project.write(f"jobs_{os.urandom(4).hex()}.py", JOBS))


def usable(workspace, name):
    return next(each for each in workspace.flows.executors() if each.executor == name).unusable == ""


def test_steps_of_one_run_go_where_they_say(places):
    project, jobs = places
    with open_workspace(project.folder) as workspace:
        if not usable(workspace, "sandbox"):
            pytest.skip("this machine keeps nothing apart")
        done = workspace.flows.run(jobs.all_places, {"workspace": str(project.folder)})
        notes = workspace.flows.attempts(done.run)
    usual, walled, here = done.value
    assert usual == 4
    assert walled[0] == "n is 6"
    assert walled[-1] == "no token"
    assert set(walled[1:-1]) == {"data", "aside.py", "later.py", f"{jobs.__name__}.py"}
    assert here == os.getpid()
    assert {note.step: note.executor for note in notes} == {"usual": "process", "walled": "sandbox", "here": "inline"}


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("hoarder", "a disk limit, which the executor process does not enforce"),
        ("shy", "to see its own files only"),
        ("unlimited", "a memory limit, which the executor inline does not enforce"),
    ],
)
def test_what_its_executor_does_not_enforce_is_refused_before_it_starts(places, step, said):
    project, jobs = places
    with open_workspace(project.folder) as workspace:
        with pytest.raises(NotEnforced, match=said) as refused:
            workspace.flows.run(jobs.one, {"name": step})
        if usable(workspace, "sandbox"):
            assert "sandbox" in refused.value.next_step
        assert workspace.flows.attempts(workspace.flows.runs()[-1][1].run) == []


def test_an_executor_that_there_is_not_is_named(places):
    project, jobs = places
    with open_workspace(project.folder) as workspace, pytest.raises(PressroomError, match="the moon"):
        workspace.flows.run(jobs.one, {"name": "far"})


def test_the_settings_choose_for_steps_that_name_none(places):
    project, jobs = places
    (project.folder / "pressroom.toml").write_text('[executors]\nuse = "sandbox"\n')
    with open_workspace(project.folder) as workspace:
        if not usable(workspace, "sandbox"):
            pytest.skip("this machine keeps nothing apart")
        done = workspace.flows.run(jobs.one, {"name": "greedy"}) if _has_groups(workspace) else None
        shy = workspace.flows.run(jobs.one, {"name": "shy"})
    assert done is None or done.value == 1
    assert shy.value == 1


def _has_groups(workspace):
    return "cpu" in next(each for each in workspace.flows.executors() if each.executor == "sandbox").enforces
