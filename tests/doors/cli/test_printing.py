import json
import math

import pytest

from pressroom.doors.cli.printing import print_json, print_table, tell


def test_a_document_goes_to_stdout_and_has_no_word_for_nan(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"figure": math.nan, "text": "é"})
    assert json.loads(capsys.readouterr().out) == {"figure": None, "text": "é"}


def test_a_table_in_a_pipe_is_cut_nowhere_and_takes_text_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 500
    print_table(("name", "figure>"), [(long, "[red]1[/red]"), (":smile:", None)])
    said = capsys.readouterr().out
    assert long in said
    assert "[red]1[/red]" in said
    assert ":smile:" in said


def test_progress_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    tell("half way")
    assert capsys.readouterr() == ("", "half way\n")
