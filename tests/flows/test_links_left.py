"""What a step leaves in its folder is read by whoever started it: links and pipes in there lead nowhere."""

import os

import pytest

from pressroom.ports import left_in, log_of

JOBS = """
import os
from pathlib import Path

import pressroom as pr
from pressroom.flows import attempt_place


@pr.step(cache=False, retries=0)
def sly(secret: str, name: str) -> bytes:
    '''Have whoever reads the result, or the log, read a file that is not mine.'''
    folder = attempt_place().journal.parent
    (folder / f"{name}.aside").symlink_to(secret)
    import pressroom.flows.runner as runner
    written = Path.write_bytes

    def lies(path, content):
        if path.name == "result" == name:
            os.replace(folder / f"{name}.aside", path)
            return 0
        return written(path, content)

    Path.write_bytes = lies
    if name == "log":
        os.replace(folder / "log.aside", folder / "log")
        raise ValueError("look into my log")
    # So much that it is a file of its own.
    return b"fine" * 2_000


@pr.flow
def job(secret: str, name: str):
    return sly(secret, name)
"""


@pytest.mark.parametrize("name", ["result", "log"])
def test_a_link_to_what_is_not_its_own_is_not_followed(project, tmp_path, name):
    secret = tmp_path / "salaries"
    secret.write_text("TOP-SECRET-SALARIES")
    project.write("jobs.py", JOBS)
    said = project.cli("run", "jobs.py:job", f"secret={secret}", f"name={name}", code=1)
    assert "TOP-SECRET" not in said
    runs = project.cli("runs", "--json")
    assert "TOP-SECRET" not in runs


def test_what_is_no_file_of_ones_own_is_not_there(tmp_path):
    (tmp_path / "plain").write_bytes(b"hello")
    (tmp_path / "link").symlink_to(tmp_path / "plain")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert left_in(tmp_path, "plain", 1) == b"ello"
    for name in ("link", "folder", "pipe", "nothing"):
        with pytest.raises(FileNotFoundError):
            left_in(tmp_path, name)
    (tmp_path / "log").symlink_to(tmp_path / "plain")
    assert log_of(str(tmp_path), 0) == b""
