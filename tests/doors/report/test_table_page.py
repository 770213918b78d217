from html.parser import HTMLParser
from xml.etree import ElementTree

import pyarrow as pa
import pytest
from tests.projects import in_memory
from tests.training.tables_given import customers

from pressroom.doors.report import report_page
from pressroom.doors.report.svg import Plot, number, ticks

pytest.importorskip("sklearn")
VOID = {"meta", "br", "link"}


class Tags(HTMLParser):
    """What is open, and what is loaded from elsewhere."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.outside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.outside += [value for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def trained(target, learners=("linear",), rows=None, **how):
    rows = customers(500, target=target) if rows is None else rows
    return in_memory().train_table(rows, target=target, learners=learners, **how)


@pytest.fixture(scope="module")
def churn():
    return trained("churned", time="Signed up")


@pytest.mark.parametrize("target", ["churned", "spent", "next_plan"])
def test_the_page_is_whole_and_needs_nothing_from_elsewhere(target, churn):
    page = report_page(churn if target == "churned" else trained(target))
    tags = Tags(page)
    assert tags.open == []
    assert tags.outside == []
    assert "script" not in tags.seen
    assert tags.seen.count("svg") >= 4
    for drawing in page.split("<svg")[1:]:
        ElementTree.fromstring("<svg" + drawing.split("</svg>")[0] + "</svg>")
    assert "nan" not in page


def test_it_tells_the_answer_the_models_what_was_left_out_the_split_and_the_push(churn):
    page = report_page(churn)
    for words in (churn.sentence(), "Models compared", "baseline", "refund", "gives the target away", "Signed up",
                  "pressroom push", "in the order of Signed up"):  # fmt: skip
        assert words in page
    assert churn.winner().full_name in page


def test_names_from_the_table_are_no_html():
    draw = customers(400)
    evil = "<script>alert('x')</script>&\""
    rows = draw.rename_columns([evil if name == "Age" else name for name in draw.column_names])
    rows = rows.append_column(
        "<b>leak", pa.array([1.0 if one == "yes" else 0.0 for one in draw.column("churned").to_pylist()])
    )
    page = report_page(trained("churned", rows=rows))
    assert "<script" not in page
    assert "&lt;b&gt;leak" in page
    assert Tags(page).open == []


def test_the_same_training_gives_the_same_page_but_for_its_measured_times(churn):
    def still(page):
        return [part for part in page.split("<section>") if "How good it is" in part or "left out" in part]

    assert still(report_page(churn)) == still(report_page(trained("churned", time="Signed up")))


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3, 7), (0.1234, 0.1239), (0, 1e9), (-1e-9, 1e-9)])
def test_ticks_are_round_few_and_inside(low, high):
    found = ticks(low, high)
    assert 2 <= len(found) <= 7
    assert low - 1e-12 <= found[0]
    assert found[-1] <= high * (1 + 1e-9) + 1e-12


def test_places_are_where_the_axes_say_also_where_there_is_one_value():
    plot = Plot("t", x=(0, 10), y=(0, 1), size=(100, 100), margins=(0, 0, 0, 0))
    assert [plot.at_x(0), plot.at_x(5), plot.at_x(10)] == [0, 50, 100]
    assert [plot.at_y(0), plot.at_y(1)] == [100, 0]
    assert 0 < Plot("t", x=(3, 3), y=(3, 3)).at_x(3) < 420


@pytest.mark.parametrize(("value", "told"), [(0, "0"), (0.25, "0.25"), (12_345, "12.3k"), (2e6, "2M"), (3e9, "3G")])
def test_numbers_are_short(value, told):
    assert number(value) == told
