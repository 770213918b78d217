from rich.console import Console

from pressroom.catalog import Node, Reference
from pressroom.doors.cli.tree import lineage_tree

FACTS = Node(reference=Reference(kind="fact_table", name="ordered", digest="f" * 64), version="3")
MODEL = Node(
    reference=Reference(kind="model", name="late.logistic", digest="a" * 64),
    version="1.0.0",
    summary=(("auc", "0.9"), ("[kind]", "sklearn")),
    parents=(FACTS,),
)


def _drawn(node: Node) -> str:
    console = Console(width=200, force_terminal=False)
    with console.capture() as drawn:
        console.print(lineage_tree(node))
    return drawn.get()


def test_a_tree_names_kind_name_version_digest_and_summary() -> None:
    assert _drawn(MODEL).splitlines() == [
        "model late.logistic 1.0.0  aaaaaaaaaaaa  auc 0.9, [kind] sklearn",
        "└── fact table ordered 3  ffffffffffff",
    ]


def test_a_version_that_is_its_digest_is_shown_once() -> None:
    node = Node(reference=Reference(kind="view", name="pace", digest="b" * 64), version="b" * 12)
    assert _drawn(node).splitlines() == ["view pace  bbbbbbbbbbbb"]


def test_a_document_holds_the_whole_tree() -> None:
    document = MODEL.document()
    assert document["summary"] == {"auc": "0.9", "[kind]": "sklearn"}
    assert document["parents"] == [FACTS.document()]
