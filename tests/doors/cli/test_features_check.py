from pathlib import Path
from typing import Any

import pytest

from pressroom.features import Disagreement, ViewCheck
from pressroom.workspace import Sharing

EXAMPLE = Disagreement(
    feature="store_pace.late_1d", entity="s1", as_of=1_740_787_200_000_000, offline="1.0", online="2.0", oracle="3.0"
)
REPORT = ViewCheck(
    view="store_pace",
    checked=10,
    entities=2,
    values=40,
    unequal=1,
    by_feature=((EXAMPLE.feature, 1),),
    examples=(EXAMPLE,),
)


def test_the_views_of_a_shop_are_equal_three_ways(run: Any, filled: Path) -> None:
    said = run("features-check", "--dir", filled, "--samples", "200", "--json")
    assert said.code == 0
    document = said.document()
    assert document["unequal"] == 0
    assert [(view["view"], view["checked"]) for view in document["views"]] == [
        ("customer_habits", 200),
        ("store_pace", 200),
    ]


@pytest.mark.parametrize("words", [["features-check"], ["features", "check"]])
def test_some_views_are_named_and_both_spellings_are_one_command(run: Any, filled: Path, words: list[str]) -> None:
    said = run(*words, "store_pace", "--samples", "50", "--dir", filled)
    assert said.code == 0
    assert said.out == "store_pace: 50 questions, 200 values, 0 unequal, about 8 entities.\n"


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_a_difference_exits_with_1_and_is_shown(
    run: Any, filled: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setattr(Sharing, "check", lambda *_, **__: [REPORT])
    said = run("features-check", "--dir", filled, *arguments)
    assert said.code == 1
    assert all(word in said.out for word in ("s1", "store_pace.late_1d", "1.0", "2.0", "3.0"))


def test_a_view_that_is_not_there_is_refused(run: Any, filled: Path) -> None:
    said = run("features-check", "store_pase", "--dir", filled)
    assert said.code == 1
    assert said.err.splitlines()[0] == "There is no applied view 'store_pase'."
    assert "store_pace" in said.err.splitlines()[1]


def test_nothing_to_check_is_no_difference_and_says_so(run: Any, tmp_path: Path) -> None:
    run("init", tmp_path)
    said = run("features-check", "--dir", tmp_path)
    assert (said.code, said.out) == (0, "No view is applied yet. Next: pressroom apply\n")
    run("apply", "--dir", tmp_path)
    said = run("features-check", "--dir", tmp_path)
    assert said.code == 0
    assert "There are no facts to check it on yet." in said.out
