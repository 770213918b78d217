"""Kubernetes against a fake API server: manifests checked, phases, and what goes wrong there."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.backends.kubernetes.schemas import JOB, RAY_JOB

from pressroom.backends.kubernetes.api import Answered, Api
from pressroom.backends.kubernetes.executor import KubernetesExecutor
from pressroom.backends.kubernetes.manifest import Cluster, Toleration, manifest_of, name_of
from pressroom.backends.kubernetes.phase import has_ended, verdict_of
from pressroom.ports import BackendError, Job, NotEnforced
from pressroom.testing.contracts.executor import ExecutorContract, job_in, wait_for

IMAGE = f"org/rank@sha256:{'a' * 64}"
JOB_WITH_ALL = Job(
    attempt="0001-Fit_it",
    folder="/floor/data/runs/r/0001-fit",
    entry="pressroom.flows.runner:run_attempt",
    most_memory_bytes=2_000_000_000,
    most_wall_s=90.5,
    most_disk_bytes=10_000_000_000,
    cpus=1.5,
    gpus=2,
    isolated=True,
    network=True,
    reads=("/floor/jobs.py", "/floor/data/runs/r/in-1", "/usr/lib/elsewhere.py"),
    image=IMAGE,
)
CLUSTER = Cluster(
    namespace="ml",
    volume="floor",
    folder="/floor",
    queue="ads",
    priority="batch",
    tolerations=(Toleration(key="nvidia.com/gpu"), Toleration(key="pool", value="train")),
)


@dataclass
class Server:
    port: int
    folder: Path

    def api(self) -> Api:
        token = self.folder / "token"
        token.write_text("let-me-in\n")
        return Api(f"http://127.0.0.1:{self.port}", token=str(token))

    def executor(self, **more: Any) -> KubernetesExecutor:
        cluster = Cluster(**{"namespace": "ml", "volume": "floor", "folder": "/", "image": IMAGE, **more})
        return KubernetesExecutor(api=self.api(), cluster=cluster)

    def fault(self, **what: Any) -> None:
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}/fake", json.dumps(what).encode())
        urllib.request.urlopen(asked).close()

    def state(self) -> dict[str, Any]:
        return self.api().ask("GET", "/fake")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    words = [sys.executable, str(Path(__file__).parent / "fake_api.py")]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=variables)
    assert process.stdout is not None
    yield Server(port=int(process.stdout.readline()), folder=tmp_path_factory.mktemp("kubernetes"))
    process.communicate()


class TestKubernetesExecutor(ExecutorContract):
    @pytest.fixture(autouse=True)
    def _server(self, server: Server) -> None:
        self.server = server

    def make(self) -> KubernetesExecutor:
        return self.server.executor()


def test_manifests_are_what_the_api_takes() -> None:
    jsonschema.validate(manifest_of(JOB_WITH_ALL, CLUSTER), JOB)
    ray = Cluster(**{**{each: getattr(CLUSTER, each) for each in CLUSTER.__slots__}, "ray_workers": 3})
    jsonschema.validate(manifest_of(JOB_WITH_ALL, ray), RAY_JOB)
    for minimal in (Cluster(namespace="ml", volume="v", folder="/floor", image=IMAGE),):
        jsonschema.validate(manifest_of(Job(attempt="a", folder="/floor/a", entry="m:f"), minimal), JOB)


def test_a_manifest_says_what_the_job_asks_for() -> None:
    made = manifest_of(JOB_WITH_ALL, CLUSTER)
    pod = made["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    asked = {"cpu": "1500m", "memory": "2000000000", "ephemeral-storage": "10000000000", "nvidia.com/gpu": "2"}
    assert container["resources"] == {"requests": asked, "limits": asked}
    assert container["image"] == IMAGE
    assert made["spec"]["activeDeadlineSeconds"] == 91
    assert made["spec"]["suspend"] is True
    assert made["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "ads"
    assert made["metadata"]["labels"]["kueue.x-k8s.io/priority-class"] == "batch"
    assert pod["automountServiceAccountToken"] is False
    mounts = {each["mountPath"]: each for each in container["volumeMounts"]}
    assert set(mounts) == {"/tmp", JOB_WITH_ALL.folder, "/floor/jobs.py", "/floor/data/runs/r/in-1"}
    assert mounts[JOB_WITH_ALL.folder]["readOnly"] is False
    assert mounts["/floor/jobs.py"] == {
        "name": "workspace", "mountPath": "/floor/jobs.py", "subPath": "jobs.py", "readOnly": True
    }  # fmt: skip


def test_names_are_those_that_the_cluster_allows() -> None:
    for attempt in ("0001-Fit_it", "x" * 200, "ÄÖÜ", "-"):
        name = name_of(Job(attempt=attempt, folder="/floor/a", entry="m:f"))
        jsonschema.validate(name, {"type": "string", "pattern": r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"})


def test_a_dry_run_makes_nothing(server: Server, tmp_path: Path) -> None:
    executor = server.executor()
    before = server.state()["dry"]
    executor.check(job_in(tmp_path / "one", "leave_pid"))
    assert server.state()["dry"] == before + 1
    assert executor.poll(0.0) == []
    assert not (tmp_path / "one" / "pid").exists()


def test_what_was_submitted_before_a_restart_is_taken_up(server: Server, tmp_path: Path) -> None:
    job = job_in(tmp_path / "one", "leave_pid")
    server.executor().submit(job)
    after = server.executor()
    after.submit(job)
    (ended,) = wait_for(after, 1)
    assert ended.exit_code == 0
    assert server.state()["jobs"] == []


def test_a_watch_that_is_too_old_is_begun_again(server: Server, tmp_path: Path) -> None:
    executor = server.executor()
    server.fault(expire=True)
    executor.submit(job_in(tmp_path / "work", "work_hard"))
    (ended,) = wait_for(executor, 1)
    assert (ended.exit_code, ended.image) == (0, f"sha256:{'a' * 64}")


def test_an_eviction_is_told_in_words(server: Server, tmp_path: Path) -> None:
    executor = server.executor()
    server.fault(evict=True)
    executor.submit(job_in(tmp_path / "sleep_long", "sleep_long"))
    (ended,) = wait_for(executor, 1)
    assert ended.words == "evicted: the node was low on memory"
    assert ended.stopped_for is None


def test_a_request_that_breaks_off_is_sent_again(server: Server, tmp_path: Path) -> None:
    executor = server.executor()
    server.fault(refuse=2)
    executor.submit(job_in(tmp_path / "one", "leave_pid"))
    assert wait_for(executor, 1)[0].exit_code == 0


def test_what_the_api_refuses_is_said(server: Server, tmp_path: Path) -> None:
    with pytest.raises(Answered, match=r"422: .*claimName"):
        server.executor(volume="Not_A_Name").check(job_in(tmp_path / "one", "leave_pid"))
    (server.folder / "wrong").write_text("nobody")
    wrong = Api(f"http://127.0.0.1:{server.port}", token=str(server.folder / "wrong"))
    with pytest.raises(Answered, match="401"):
        wrong.ask("GET", "/apis/batch/v1/namespaces/ml/jobs")
    with pytest.raises(BackendError, match="in the clear"):
        Api("http://cluster.example:6443")
    with pytest.raises(NotEnforced, match="pinned"):
        server.executor(image="org/rank:latest").submit(job_in(tmp_path / "two", "leave_pid"))
    with pytest.raises(NotEnforced, match="on no volume"):
        server.executor(folder="/floor").submit(job_in(tmp_path / "three", "leave_pid"))


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        ({"containerStatuses": [{"state": {"terminated": {"exitCode": 0, "reason": "OOMKilled"}}}]}, "memory"),
        ({"reason": "Evicted", "message": "Pod ephemeral local storage usage exceeds the limit"}, "disk"),
        ({"conditions": [{"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler"}]}, None),
    ],
)
def test_limits_are_told_from_what_the_cluster_says(pod: dict[str, Any], expected: str | None) -> None:
    failed = {"kind": "Job", "status": {"conditions": [{"type": "Failed", "status": "True", "reason": "x"}]}}
    assert has_ended(failed)
    verdict = verdict_of(failed, [{"status": pod}])
    assert verdict.stopped_for == expected
    assert ("evicted" in verdict.words) == (expected is None)


def test_ray_jobs_end_as_they_say() -> None:
    running = {"kind": "RayJob", "status": {"jobStatus": "RUNNING", "jobDeploymentStatus": "Running"}}
    assert not has_ended(running)
    assert not has_ended({"kind": "RayJob", "status": {"jobDeploymentStatus": "Suspended"}})
    done = {"kind": "RayJob", "status": {"jobStatus": "SUCCEEDED", "jobDeploymentStatus": "Complete"}}
    assert has_ended(done)
    assert verdict_of(done, []).exit_code == 0
    lost = {"kind": "RayJob", "status": {"jobStatus": "FAILED", "message": "the head died"}}
    assert "the head died" in verdict_of(lost, []).words
