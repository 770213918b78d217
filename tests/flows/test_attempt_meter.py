"""The meter of an attempt against the machine's own accounting."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from pressroom.flows.attempt_meter import METERED, AttemptMeter, metered_in
from pressroom.flows.line import usage_of
from pressroom.ports import Ended
from pressroom.tiers import Share

HOLDS = """
from pathlib import Path
from types import SimpleNamespace

from pressroom.flows import flow, step


@step(memory_limit="2GB")
def works(megabytes: int, folder: str) -> int:
    held = bytearray(megabytes << 20)
    # Both run side by side.
    file = Path(folder) / f"out-{megabytes}"
    file.write_bytes(held)
    total = 0
    for number in range(8_000_000):
        total += number % 7
    return total + len(file.read_bytes())


@flow(owner="ads", tier="production")
def job(folder: str):
    return [works(64, folder), works(96, folder)]
"""


def test_bytes_that_pass_through_calls_are_counted(tmp_path):
    with AttemptMeter(tmp_path):
        (tmp_path / "x").write_bytes(b"1" * 5_000_000)
        (tmp_path / "x").read_bytes()
    seen = metered_in(tmp_path)
    assert 5_000_000 <= seen.written_bytes < 5_100_000
    assert 5_000_000 <= seen.read_bytes < 5_200_000
    assert seen.memory_byte_s > 0
    assert seen.wall_s > 0


def test_a_meter_that_left_nothing_to_read_counts_nothing(tmp_path):
    (tmp_path / METERED).write_bytes(b"{")
    assert metered_in(tmp_path).cpu_s is None
    assert metered_in(tmp_path / "nowhere").read_bytes is None


def test_gpu_seconds_are_those_that_were_kept():
    ended = Ended(attempt="a", exit_code=0, signal=None, stopped_for=None, cpu_s=1.0, wall_s=4.0, peak_bytes=5)
    call = SimpleNamespace(metered=metered_in(Path("/nonexistent")))
    assert usage_of(call, ended, Share(cpu=1.0, gpu=2.0)).gpu_s == 8.0


def test_the_lines_of_a_run_add_up_to_what_the_system_counted(project, tmp_path):
    """All attempts are children of one server; the system itself adds up what those used that it waited for."""
    project.write("jobs.py", HOLDS)
    printed = project.python(
        f"""
        import json
        from pathlib import Path
        import psutil
        from pressroom.flows import find_in, load_module
        from pressroom.workspace import open_workspace
        with open_workspace(".") as workspace:
            done = workspace.flows.run(find_in(load_module(Path("jobs.py")), "job"), {{"folder": {str(tmp_path)!r}}})
            (server,) = psutil.Process().children()
            times = server.cpu_times()
            found, _ = workspace.accounts.statement(run=done.run, by="team")
            (line,) = found.entries
        print(json.dumps([line.name, line.usage.cpu_s, times.children_user + times.children_system,
                          line.usage.read_bytes, line.usage.written_bytes, line.usage.memory_byte_s,
                          line.asked_cpu_s, line.usage.wall_s]))
        """
    )
    team, cpu_s, counted_s, read, written, memory_byte_s, asked_cpu_s, wall_s = json.loads(printed.splitlines()[-1])
    assert team == "ads"
    # The system shows that sum in hundredths of a second, for the user and for itself.
    assert cpu_s == pytest.approx(counted_s, rel=0.01, abs=0.02)
    assert written >= 160 << 20
    assert read >= 160 << 20
    assert memory_byte_s > 0
    assert asked_cpu_s == pytest.approx(wall_s)
