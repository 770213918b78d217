import dataclasses
from pathlib import Path

import pytest

from pressroom.backends.memory.executor import InlineExecutor
from pressroom.backends.process.executor import ProcessExecutor
from pressroom.backends.process.sandbox import SandboxExecutor
from pressroom.backends.process.walls import Way
from pressroom.ports import NotEnforced
from pressroom.testing.contracts.executor import ExecutorContract, job_in
from pressroom.testing.contracts.isolation import SECRET, IsolationContract
from pressroom.workspace.executors import sandbox_of

PREPARE = "pressroom.testing.contracts.attempts:prepare"


class TestInlineExecutor(ExecutorContract):
    def make(self) -> InlineExecutor:
        return InlineExecutor()


class TestProcessExecutor(ExecutorContract):
    def make(self) -> ProcessExecutor:
        return ProcessExecutor(prepare=PREPARE, about="", slots=4)


class TestProcessExecutorWithoutGroups(ExecutorContract):
    """Where no control group can be made, cores are given by affinity."""

    def make(self) -> ProcessExecutor:
        made = ProcessExecutor(prepare=PREPARE, about="", slots=4)
        vars(made)["_groups"] = 0
        return made

    def test_part_of_a_core_can_not_be_given(self, tmp_path: Path) -> None:
        executor = self.make()
        with pytest.raises(NotEnforced, match="only whole ones"):
            executor.submit(dataclasses.replace(job_in(tmp_path / "one", "leave_pid"), cpus=0.5))
        executor.close()


def sandbox(way: Way) -> SandboxExecutor:
    made = sandbox_of("", prepare=PREPARE, ways=(way,))
    if made.abilities.unusable:
        pytest.skip(made.abilities.unusable)
    return made


@pytest.mark.parametrize("way", ["namespaces", "bubblewrap", "landlock"])
class _Ways:
    @pytest.fixture(autouse=True)
    def _way(self, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PRESSROOM_TEST_TOKEN", SECRET)
        self.way = way

    def make(self) -> SandboxExecutor:
        return sandbox(self.way)


class TestSandboxExecutor(_Ways, ExecutorContract):
    pass


class TestIsolationOfTheSandbox(_Ways, IsolationContract):
    pass
