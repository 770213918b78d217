"""Ray on two nodes of this machine: only where it is asked for, `make test-ray`, for it takes a minute to start."""

import sys
from pathlib import Path

import pyarrow as pa
import pytest
from tests.projects import END, declared, fill, in_memory

from pressroom.backends.local.scratch import LocalScratch
from pressroom.backends.ray.workers import RayWorkers
from pressroom.features import LargerThanMemory, Memory
from pressroom.features.buckets.answer_bucket import AnswerBucket
from pressroom.testing.contracts.workers import Deadly, WorkersContract
from pressroom.values import Document
from pressroom.workspace import Workspace
from pressroom.workspace.assembly import workers_of
from pressroom.workspace.settings import Working

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore")]


class TestRayWorkers(WorkersContract):
    @pytest.fixture(autouse=True)
    def _address(self, cluster: str) -> None:
        self.address = cluster

    def make(self) -> RayWorkers:
        return RayWorkers(self.address)


class Killing:
    """Workers of a cluster, one of which is killed in the middle of a bucket."""

    def __init__(self, workers: RayWorkers, folder: Path) -> None:
        self.workers, self.folder = workers, folder

    def slots(self) -> int:
        return self.workers.slots()

    def each(self, work, tasks):
        return self.workers.each(DiesOnce(work, Deadly(folder=str(self.folder), times=1)), tasks)

    def close(self) -> None:
        self.workers.close()


class DiesOnce:
    """Does a bucket, then kills its process before saying so, once."""

    def __init__(self, work: AnswerBucket, deadly: Deadly) -> None:
        self.work, self.deadly = work, deadly

    def __call__(self, task: Document) -> Document:
        answer = self.work(task)
        self.deadly(b"deadly")
        return answer


def test_answers_are_those_of_this_process_also_when_a_worker_is_killed(cluster, tmp_path):
    # The tests themselves are installed on no node: what they add to the work travels with it.
    pytest.importorskip("ray").cloudpickle.register_pickle_by_value(sys.modules[__name__])
    definitions = declared(tmp_path / "project")
    workspace = in_memory()
    fill(workspace, definitions)
    definition = definitions.training_set("late")
    expected, _ = workspace.training.build(definition, known_at=END)
    deaths = tmp_path / "deaths"
    deaths.mkdir()
    for workers in (RayWorkers(cluster), Killing(RayWorkers(cluster), deaths)):
        larger = LargerThanMemory(
            memory=Memory(limit_bytes=100_000, own_bytes=0),
            scratch=LocalScratch(folder=tmp_path / "scratch"),
            workers=workers,
        )
        one = Workspace(settings=workspace.settings, ports=workspace.ports, larger=larger)
        found, _ = one.training.build(definition, known_at=END)
        assert (found.digest, found.blob) == (expected.digest, expected.blob)
        assert isinstance(found.table, pa.Table)
        workers.close()
    assert len(list(deaths.iterdir())) == 1


def test_the_address_in_the_settings_means_ray(cluster):
    workers = workers_of(Working(ray=cluster))
    assert isinstance(workers, RayWorkers)
    assert workers.slots() == 2
    workers.close()
