"""Identity: equal things and only equal things have equal digests."""

import hashlib
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from pressroom.values import digest_bytes, digest_document, digest_parts


@dataclass(frozen=True)
class Point:
    x: int
    y: tuple[str, ...]


def test_bytes_have_their_sha256():
    assert digest_bytes(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest_bytes(memoryview(b"abc")) == digest_bytes(b"abc")


def test_known_parts_have_known_digests():
    framed = (2).to_bytes(8, "little") + b"ab" + (1).to_bytes(8, "little") + b"c"
    assert digest_parts(["ab", b"c"]) == hashlib.sha256(framed).hexdigest()
    assert digest_parts([]) == hashlib.sha256().hexdigest()


parts = st.lists(st.binary(max_size=4), max_size=4)


@given(parts, parts)
def test_only_the_same_parts_have_the_same_digest(one, other):
    assert (digest_parts(one) == digest_parts(other)) == (one == other)


@given(st.binary(max_size=12), st.integers(0, 12), st.integers(0, 12))
def test_shifting_bytes_from_one_part_to_the_next_changes_the_digest(data, here, there):
    one, other = [data[:here], data[here:]], [data[:there], data[there:]]
    assert (digest_parts(one) == digest_parts(other)) == (one == other)


def test_text_counts_as_its_bytes_and_a_view_by_its_bytes():
    assert digest_parts(["ö"]) == digest_parts(["ö".encode()])
    wide = memoryview(bytes(8)).cast("q")
    assert digest_parts([wide]) == digest_parts([bytes(8)])


def test_documents_are_the_same_whatever_the_order_of_their_keys():
    assert digest_document({"a": 1, "b": [2]}) == digest_document({"b": [2], "a": 1})
    assert digest_document(Point(1, ("a",))) == digest_document({"y": ["a"], "x": 1})
    assert digest_document({"a": [1, 2]}) != digest_document({"a": [2, 1]})
    assert digest_document({"a": 1}) != digest_document({"a": "1"})
    assert digest_document({"a": None}) != digest_document({})
