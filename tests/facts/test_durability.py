"""What survives `kill -9`, other processes and a full disk, on the backends that write to files."""

import subprocess
import sys
from pathlib import Path

import pytest

CRASHES = Path(__file__).with_name("crashes.py")


def survives(scenario, folder):
    command = [sys.executable, "-W", "error", str(CRASHES), scenario, str(folder)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_every_acknowledged_batch_survives_a_kill_once_and_sending_all_again_adds_only_the_missing(tmp_path):
    survives("append", tmp_path / "floor")


def test_a_kill_while_facts_are_settled_and_trimmed_neither_loses_nor_doubles_one(tmp_path):
    survives("settle", tmp_path / "floor")


@pytest.mark.parametrize("scenario", ["follow", "fill"])
def test_after_a_kill_while_following_online_answers_are_those_of_offline(tmp_path, scenario):
    survives(scenario, tmp_path / "floor")


def test_processes_that_append_settle_and_follow_at_once_keep_every_fact_once_also_when_one_is_killed(tmp_path):
    survives("busy", tmp_path / "floor")


def test_an_append_without_room_keeps_nothing_and_later_ones_succeed(tmp_path):
    survives("full", tmp_path / "floor")
