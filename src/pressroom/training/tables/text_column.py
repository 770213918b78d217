"""What kind of thing the texts of a column are: numbers, yes or no, instants, or texts.

A column in which nearly all values are of one kind and a few are not is refused, with the first of those: to take it as
text without a word would lose what it says.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import cast_value
from pressroom.training.tables.column import Kind
from pressroom.values import InvalidInput

MISSING = frozenset(("", "na", "n/a", "#n/a", "nan", "null", "none", "?", "-", "nil"))
"""What stands for "not known" in a column of numbers, instants, or yes and no. In texts only the empty one does."""

NEARLY_ALL = 0.98
_LEAST = 20
_LOOKED_AT = 200
_PADDED = re.compile(r"-?0\d")
_FOREIGN = re.compile(r"[€$£]?\s*-?\d{1,3}([., ]\d{3})*([.,]\d+)?\s*[€$£%]?\Z|-?\d+,\d+\Z")
_SIGNS = "€$£%,"
_TRUE, _FALSE = "true", "false"
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
_NAIVE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?\Z")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATED = re.compile(
    rf"(\d{{1,2}}([./-])\d{{1,2}}\2(\d{{4}}|\d\d)|\d{{4}}([./])\d{{1,2}}\4\d{{1,2}}|\d{{1,2}}\.? {_MONTH},? \d{{4}}"
    rf"|{_MONTH} \d{{1,2}},? \d{{4}})(,? \d{{1,2}}:\d\d(:\d\d(\.\d+)?)?( ?[ap]m)?)?\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How one kind of thing is read from text: ValueError for what it is not."""

    kind: Kind
    read: Callable[[str], object]
    type: pa.DataType
    what: str


def typed_texts(
    texts: "pa.ChunkedArray[pa.Scalar]", *, where: str, zone: str | None
) -> "tuple[Kind, pa.ChunkedArray[pa.Scalar]]":
    """The kind of a column of texts, and its values in that kind's type. `where` names the table and the column.

    Raises InvalidInput, naming the row (from 1) and what was expected.
    """
    encoded = pc.utf8_trim_whitespace(texts).combine_chunks().dictionary_encode()
    words: list[str] = encoded.dictionary.to_pylist()
    places = encoded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    counts = np.bincount(places, minlength=len(words) + 1)[:-1]
    told = [place for place, word in enumerate(words) if word.lower() not in MISSING]
    if not told:
        return "empty", pa.chunked_array([pa.nulls(len(texts), pa.string())])
    for reading in _readings(zone):
        values = _read_all(words, told, reading, counts, where, places)
        if values is not None:
            made = pa.array([*values, None], reading.type)
            return _narrowed(reading.kind, pa.chunked_array([made.take(pa.array(places))]))
    if all(_NAIVE.match(words[place]) for place in told):
        return "instant without a zone", texts
    if all(_DATED.match(words[place]) for place in told):
        return "date for people", texts
    _refuse_foreign(words, told, counts, where, places)
    empty = pc.equal(texts, "")
    return "text", pc.if_else(pc.fill_null(empty, fill_value=True), pa.scalar(None, pa.string()), texts)


def _readings(zone: str | None) -> tuple[Reading, ...]:
    return (
        Reading(kind="number", read=_number, type=pa.float64(), what="a number"),
        Reading(kind="yes or no", read=_truth, type=pa.bool_(), what="true or false"),
        Reading(
            kind="instant",
            read=lambda text: _instant(text, zone),
            type=pa.timestamp("us", "UTC"),
            what="an instant with a zone, like 2013-10-01T05:00Z",
        ),
    )


def _read_all(
    words: list[str], told: list[int], reading: Reading, counts: np.ndarray, where: str, places: np.ndarray
) -> list[object] | None:
    """The values of all words; None where the column is not of this kind."""
    looked = told[:: max(1, len(told) // _LOOKED_AT)]
    if sum(_reads(words[place], reading) for place in looked) < len(looked) / 2:
        return None
    values: list[object] = [None] * len(words)
    wrong: list[int] = []
    for place in told:
        try:
            values[place] = reading.read(words[place])
        except ValueError:
            wrong.append(place)
    if not wrong:
        return values
    right = int(counts[told].sum() - counts[wrong].sum())
    if right >= _LEAST and right >= NEARLY_ALL * counts[told].sum():
        row = int(np.isin(places, wrong).argmax())
        raise InvalidInput(
            f"{where}, row {row + 1}: {words[places[row]]!r} is not {reading.what}, and {right:,} other values are.",
            next_step="Mend that value, or leave it empty: then it is missing.",
        )
    return None


def _reads(word: str, reading: Reading) -> bool:
    try:
        reading.read(word)
    except ValueError:
        return False
    return True


def _number(text: str) -> float:
    found = cast_value(text, "float")
    if _PADDED.match(text) or not isinstance(found, float) or not np.isfinite(found):
        # 00123 is a code: taken as a number it would lose its zeros.
        raise ValueError(text)
    return found


def _instant(text: str, zone: str | None) -> object:
    day = zone is not None and _DAY.match(text) is not None
    return cast_value(f"{text}T00:00" if day else text, "timestamp", zone=zone)


def _truth(text: str) -> bool:
    if text.lower() not in (_TRUE, _FALSE):
        raise ValueError(text)
    return text.lower() == _TRUE


def _narrowed(kind: Kind, values: "pa.ChunkedArray[pa.Scalar]") -> "tuple[Kind, pa.ChunkedArray[pa.Scalar]]":
    """Numbers that are all whole as such."""
    if kind != "number":
        return kind, values
    numbers = pc.drop_null(values)
    whole = pc.all(pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), 2.0**53))).as_py()
    return ("whole number", values.cast(pa.int64())) if whole else (kind, values)


def _refuse_foreign(words: list[str], told: list[int], counts: np.ndarray, where: str, places: np.ndarray) -> None:
    """Numbers as people write them in letters: refused, for nobody can say what 1.234 is."""
    alike = [place for place in told if _FOREIGN.match(words[place]) and not _PADDED.match(words[place])]
    signed = any(sign in words[place] for place in alike for sign in _SIGNS)
    if len(told) >= 5 and signed and counts[alike].sum() >= NEARLY_ALL * counts[told].sum():
        row = int(np.isin(places, alike).argmax())
        raise InvalidInput(
            f"{where}, row {row + 1}: {words[places[row]]!r} looks like a number, and is written for people.",
            next_step="Write numbers with a decimal point, and without signs and separators: 1234.5.",
        )
