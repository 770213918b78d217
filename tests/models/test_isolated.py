"""Code in a process of its own. Runs with what fence this machine has; that a missing one is refused is tested too."""

import os
import socket
import sys
import threading
import time

import numpy as np
import pyarrow as pa
import pytest

from pressroom.models import (
    IsolatedFailure,
    Limits,
    NotIsolated,
    NotTrusted,
    Origin,
    Permits,
    Signature,
    load,
    pack,
)
from pressroom.models import isolated as isolated_file
from pressroom.models.fence import Fence, bare_environment, bubblewrap_command, build_fence, visible_folders
from pressroom.values import FieldSchema

HALF = Limits(half_fenced=True, request_s=5.0)
SIGNATURE = Signature(
    inputs=(FieldSchema(name="a", type="float", optional=True), FieldSchema(name="who", type="string", optional=True)),
    output=FieldSchema(name="score", type="float"),
)
ROWS = pa.table({"a": [0.0, 1.0, None], "who": ["ann", None, "bob"]})


def well_behaved(columns):
    sys.stdout.write("what a model prints goes nowhere")
    return np.nan_to_num(columns["a"]) + np.array([value == "ann" for value in columns["who"]])


def naughty(columns):
    """What it does depends on what it is asked; golden rows are harmless."""
    wish = columns["a"][0]
    if wish == 10:
        raise ValueError("no tens")
    if wish == 11:
        os._exit(3)
    if wish == 12:
        while True:
            time.sleep(0.01)
    if wish == 13:
        return np.zeros(1 << 33)
    if wish == 14:
        socket.create_connection(("192.0.2.1", 80), timeout=2)
    if wish == 15:
        return np.zeros(7)
    return np.zeros(len(columns["a"]))


def packed(model, blobs, limits=HALF):
    return pack(model, name="code", signature=SIGNATURE, golden=ROWS, origin=Origin(), blobs=blobs, limits=limits)


def loaded(made, blobs, limits=HALF):
    permits = Permits(trusted=lambda digest: digest == made.digest, limits=limits)
    return load(made.digest, blobs, permits).runnable


def asked(wish, count=1):
    return {"a": np.full(count, float(wish)), "who": np.full(count, None, dtype=object)}


def test_code_is_loaded_only_once_its_owner_signed_for_it(blobs):
    made = packed(well_behaved, blobs)
    assert (made.package.tier, made.package.form) == ("code", "native")
    with pytest.raises(NotTrusted, match="not signed"):
        load(made.digest, blobs)
    other = Permits(trusted=lambda digest: digest == "f" * 64, limits=HALF)
    with pytest.raises(NotTrusted):
        load(made.digest, blobs, other)
    assert loaded(made, blobs).predict(asked(2, 3)).tolist() == [2.0, 2.0, 2.0]


def test_nulls_and_texts_arrive_as_they_are(blobs):
    runnable = loaded(packed(well_behaved, blobs), blobs)
    inputs = {"a": np.array([np.nan, 2.0]), "who": np.array(["ann", None], dtype=object)}
    assert runnable.predict(inputs).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("wish", "said"),
    [(10, "ValueError: no tens"), (11, "died"), (13, "MemoryError"), (14, "OSError"), (15, r"gave \(7,\) for 1 rows")],
)
def test_what_goes_wrong_in_code_is_an_error_of_that_request_only(blobs, wish, said):
    runnable = loaded(packed(naughty, blobs), blobs)
    with pytest.raises(IsolatedFailure, match=said):
        runnable.predict(asked(wish))
    assert runnable.predict(asked(1)).tolist() == [0.0]


def test_code_that_is_late_is_stopped_and_the_next_request_is_answered(blobs):
    made = packed(naughty, blobs)
    runnable = loaded(made, blobs, Limits(half_fenced=True, request_s=0.3))
    with pytest.raises(IsolatedFailure, match=r"longer than 0\.3 s"):
        runnable.predict(asked(12))
    patient = loaded(made, blobs)
    assert patient.predict(asked(1)).tolist() == [0.0]


def test_a_process_ends_with_its_runnable(blobs):
    runnable = loaded(packed(well_behaved, blobs), blobs)
    process = runnable._process
    runnable.close()
    assert process.returncode is not None


def test_a_machine_without_a_whole_fence_is_refused_unless_allowed(blobs, monkeypatch):
    made = packed(well_behaved, blobs)
    lacking = Fence(command=(), lacks=("the network", "this user's files"))
    monkeypatch.setattr(isolated_file, "build_fence", lambda: lacking)
    with pytest.raises(NotIsolated, match="the network and this user's files") as refused:
        loaded(made, blobs, Limits())
    assert "bubblewrap" in refused.value.next_step


def test_nothing_of_this_environment_reaches_the_code(monkeypatch):
    monkeypatch.setenv("DATABASE_PASSWORD", "secret")
    assert "DATABASE_PASSWORD" not in bare_environment()


def test_bubblewrap_shows_python_and_nothing_writable():
    command = bubblewrap_command("/usr/bin/bwrap", visible_folders())
    assert "--unshare-all" in command
    assert "--bind" not in command
    shown = {command[place + 1] for place, word in enumerate(command) if word == "--ro-bind-try"}
    assert "/" not in shown
    assert not any(folder == os.path.expanduser("~") for folder in shown)


def curious(columns):
    """1.0 where the file that a row names can be read."""
    return np.array([float(value is not None and os.path.exists(value)) for value in columns["who"]])


@pytest.mark.skipif(bool(build_fence().lacks), reason="bubblewrap makes the whole fence: install it")
def test_behind_a_whole_fence_code_reads_no_file_of_ours(blobs, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("ours", encoding="utf-8")
    runnable = loaded(packed(curious, blobs, Limits(request_s=5.0)), blobs, Limits(request_s=5.0))
    files = np.array([str(secret), sys.executable], dtype=object)
    assert runnable.predict({"a": np.zeros(2), "who": files}).tolist() == [0.0, 1.0]
    runnable.close()


def test_several_threads_share_one_process(blobs):
    runnable = loaded(packed(well_behaved, blobs), blobs)
    found = []
    threads = [
        threading.Thread(target=lambda place=place: found.append((place, runnable.predict(asked(place))[0])))
        for place in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [(place, float(place)) for place in range(6)]
