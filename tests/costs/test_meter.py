"""The meter counts what really happens."""

import os
import subprocess
import sys

import pytest

from pressroom.costs import Meter, NoSuchProcess, NotMeasuring, Usage, usage_of_process

MEBIBYTE = 1 << 20
BUSY = "import time\nwhile time.process_time() < 0.2: pass"


def test_bytes_written_and_read_are_counted(tmp_path):
    file = tmp_path / "file"
    with Meter() as meter:
        file.write_bytes(b"x" * MEBIBYTE)
        file.read_bytes()
    assert MEBIBYTE <= meter.usage.written_bytes < 2 * MEBIBYTE
    assert MEBIBYTE <= meter.usage.read_bytes < 2 * MEBIBYTE
    assert meter.usage.peak_bytes > MEBIBYTE


def test_processor_time_of_a_finished_child_is_counted():
    with Meter() as meter:
        subprocess.run([sys.executable, "-I", "-c", BUSY], check=True)
    assert meter.usage.cpu_s >= 0.19
    assert meter.usage.wall_s >= 0.19


def test_a_failed_block_is_measured():
    meter = Meter()
    with pytest.raises(ZeroDivisionError), meter:
        _ = 1 / 0
    assert meter.usage.wall_s > 0
    assert meter.usage == meter.usage


def test_a_running_meter_tells_what_was_used_so_far():
    with Meter() as meter:
        first = meter.usage
        second = meter.usage
    assert 0 <= first.wall_s <= second.wall_s <= meter.usage.wall_s


def test_a_meter_that_never_ran_has_nothing_to_tell():
    with pytest.raises(NotMeasuring):
        _ = Meter().usage


def test_a_living_process_is_measured_with_its_children():
    script = (
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-I', '-c', {BUSY!r}])\n"
        "print('done', flush=True)\ninput()"
    )
    with subprocess.Popen(
        [sys.executable, "-I", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        used = usage_of_process(process.pid)
        process.communicate("\n")
    assert used.cpu_s >= 0.18
    assert used.peak_bytes > MEBIBYTE
    assert isinstance(used, Usage)


def test_a_process_that_is_gone_is_not_found():
    process = subprocess.Popen([sys.executable, "-I", "-c", ""])
    process.wait()
    with pytest.raises(NoSuchProcess, match=str(process.pid)):
        usage_of_process(process.pid)


def test_this_process_can_be_measured_from_outside():
    assert usage_of_process(os.getpid()).cpu_s > 0
