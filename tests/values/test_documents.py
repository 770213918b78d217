"""Documents: one canonical form, and back."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.values import FactSchema, FieldSchema, InvalidInput, from_document, to_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    name: str
    share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    zeta: int
    alpha: tuple[Inner, ...] = ()
    words: dict[str, str] = field(default_factory=dict)


def test_a_document_has_sorted_keys_and_no_spaces():
    value = Outer(zeta=1, alpha=(Inner(name="ö"),), words={"b": "1", "a": "2"})
    assert to_document(value) == ('{"alpha":[{"name":"ö","share":null}],"words":{"a":"2","b":"1"},"zeta":1}'.encode())


inner = st.builds(Inner, name=st.text(), share=st.none() | st.floats(allow_nan=False, allow_infinity=False))
outer = st.builds(
    Outer,
    zeta=st.integers(-(2**63), 2**63 - 1),
    alpha=st.lists(inner, max_size=3).map(tuple),
    words=st.dictionaries(st.text(), st.text(), max_size=3),
)


@given(outer)
def test_a_value_comes_back_as_it_went(value):
    assert from_document(to_document(value), Outer) == value


def test_a_schema_comes_back_as_it_went():
    fact = FactSchema(
        name="landing",
        doc="x",
        fields=(FieldSchema(name="tail", type="string", entity="plane"), FieldSchema(name="delay", type="float")),
        purposes=("operations",),
    )
    assert from_document(to_document(fact), FactSchema) == fact
    assert fact.field("delay") == fact.fields[1]
    assert fact.field("none") is None
    assert fact.key_fields() == fact.fields[:1]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"{}", r"This document is no Outer: Object missing required field `zeta`\."),
        (b'{"zeta":"x"}', r"This document is no Outer: Expected `int`, got `str` - at `\$\.zeta`\."),
        (b'{"zeta":1,"alpha":[{"name":2}]}', r"Expected `str`, got `int` - at `\$\.alpha\[0\]\.name`"),
        (b"{", r"This document is no Outer: Input data was truncated\."),
        (b"", r"This document is no Outer: "),
        (b'{"zeta":1,"words":{"a":"\xff"}}', r"This document is no Outer: "),
    ],
)
def test_a_document_of_another_shape_is_refused_with_the_place(document, message):
    with pytest.raises(InvalidInput, match=message):
        from_document(document, Outer)
