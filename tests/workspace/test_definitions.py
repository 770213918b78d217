import pytest
from tests.projects import DEFINITIONS, declared

from pressroom.values import NotFound
from pressroom.workspace import BadDefinitions, load_definitions

LAST = DEFINITIONS.count("\n")
HEAD = 'import pressroom as pr\n\nclass E(pr.Entity):\n    "One."\n\n'


def load(folder, text):
    path = folder / "floor.py"
    path.write_text(text, encoding="utf-8")
    return load_definitions(path)


def test_everything_that_is_declared_is_found_by_its_name(tmp_path):
    found = declared(tmp_path)
    assert set(found.facts) == {"placed", "delivered"}
    assert set(found.views) == {"habit", "traffic"}
    assert found.training_set("late").label_key() == "order"
    assert found.endpoint("risk").training_set == "late"
    assert found.experiment("trial").endpoint == found.endpoint("risk")


def test_the_same_file_read_twice_declares_the_same(tmp_path):
    assert declared(tmp_path / "a") == declared(tmp_path / "b")


def test_an_endpoint_takes_question_label_and_purpose_from_its_training_set(tmp_path):
    found = declared(tmp_path)
    risk, late = found.endpoint("risk"), found.training_set("late")
    assert (risk.question, risk.label, risk.purpose, risk.owner) == (late.question, late.label, "operations", "shop")


def test_what_is_not_declared_is_refused_with_the_nearest_name(tmp_path):
    found = declared(tmp_path)
    for ask, word in ((found.training_set, "late"), (found.endpoint, "risk"), (found.experiment, "trial")):
        with pytest.raises(NotFound, match="no ") as caught:
            ask(f"{word}s")
        assert word in caught.value.next_step


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("x = 1\ny = (\n", 2, "SyntaxError"),
        ("x = 1\n\n  y = 2\n", 3, "IndentationError"),
        ("x = 1\n\n1 / 0\n", 3, "ZeroDivisionError"),
        ("import nobody_has_this\n", 1, "ModuleNotFoundError"),
        (HEAD + 'class F(pr.Fact):\n    "x"\n    a: int\n', 6, "F.a is annotated"),
        (HEAD + 'class F(pr.Fact):\n    "x"\n    a: pr.Float\n', 6, "about nobody"),
        (HEAD + "def f():\n    raise ValueError('deep')\n\nf()\n", 7, "deep"),
        (DEFINITIONS.replace("experiment(", "experment("), LAST, "AttributeError"),
        (DEFINITIONS.replace("unit=Placed.customer", "unit=Placed.channel"), LAST, "goes by channel"),
        (DEFINITIONS.replace('"by_pieces")\n', '"by_pieces")\nawait x\n'), LAST + 1, "SyntaxError"),
    ],
)
def test_an_error_is_told_with_its_line(tmp_path, text, line, words):
    with pytest.raises(BadDefinitions) as caught:
        load(tmp_path, text)
    found = caught.value.message
    assert found.startswith(f"floor.py, line {line}: "), found
    assert words in found


def test_a_file_that_is_not_there_is_refused(tmp_path):
    for path in (tmp_path / "nothing.py", tmp_path, tmp_path / "floor.txt"):
        with pytest.raises(BadDefinitions, match="There is no"):
            load_definitions(path)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "floor.py").write_bytes(b"x = '\xff'\n")
    with pytest.raises(BadDefinitions, match=r"floor\.py"):
        load_definitions(tmp_path / "floor.py")


@pytest.mark.parametrize(
    "more",
    [
        "class HTTPCall(pr.Fact):\n    a: pr.Key[E]\n\nclass HttpCall(pr.Fact):\n    a: pr.Key[E]\n    b: pr.Int\n",
        (
            "class F(pr.Fact):\n    a: pr.Key[E]\n\nclass V(pr.FeatureView, entity=E):\n    n = F.count(window='1h')\n"
            "first = V\n\nclass V(pr.FeatureView, entity=E):\n    n = F.count(window='2h')\n"
        ),
    ],
)
def test_two_of_one_name_are_refused(tmp_path, more):
    with pytest.raises(BadDefinitions, match="Two definitions are called"):
        load(tmp_path, HEAD + more)


@pytest.mark.parametrize("what", ["risk", "trial", "late"])
def test_two_endpoints_experiments_or_training_sets_of_one_name_are_refused(tmp_path, what):
    declaration = DEFINITIONS[DEFINITIONS.index(f"\n{what} = ") + 1 :].split("\n\n")[0]
    with pytest.raises(BadDefinitions, match=f"'{what}'"):
        load(
            tmp_path,
            DEFINITIONS + declaration.replace(f"{what} = ", "again = ", 1).replace('owner="shop"', 'owner="x"'),
        )


def test_one_thing_under_two_names_is_one(tmp_path):
    found = load(tmp_path, DEFINITIONS + "\nagain, same, view = late, Placed, Habit\n")
    assert set(found.training_sets) == {"late"}


def test_facts_that_are_only_spoken_of_are_found_too(tmp_path):
    (tmp_path / "pressroom_test_facts.py").write_text(DEFINITIONS, encoding="utf-8")
    text = (
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nfrom pressroom_test_facts import late\nsys.path.pop(0)\n"
    )
    found = load(tmp_path, text)
    assert set(found.facts) == {"placed", "delivered"}
    assert set(found.views) == {"habit", "traffic"}


def test_a_file_changed_within_a_second_is_read_as_it_is_now(tmp_path):
    path = tmp_path / "definitions.py"
    text = (
        "import pressroom as pr\n\n\nclass Shop(pr.Entity):\n    'x'\n\n\nclass Sold(pr.Fact):\n    'x'\n\n"
        "    shop: pr.Key[Shop]\n\n\nclass Pace(pr.FeatureView, entity=Shop):\n    sold = Sold.count(window='12h')\n"
    )
    path.write_text(text)
    before = load_definitions(path).views["pace"]
    path.write_text(text.replace("12h", "24h"))
    assert load_definitions(path).views["pace"].digest() != before.digest()
