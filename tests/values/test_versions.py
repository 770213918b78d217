"""Versions: read, ordered, worked out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.values import FIRST, Change, InvalidInput, Version

versions = st.builds(Version, st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))


@given(versions)
def test_a_version_is_spelled_so_that_it_is_read_back(version):
    assert Version.parse(str(version)) == version


@pytest.mark.parametrize("text", ["", "1", "1.2", "1.2.3.4", "v1.2.3", "1.2.x", "1.2.-3", "1.2.3\n", " 1.2.3"])
def test_what_is_no_version_is_refused(text):
    with pytest.raises(InvalidInput) as refused:
        Version.parse(text)
    assert str(refused.value) == f"{text!r} is no version. Write it as major.minor.patch, like 1.2.0."


@given(versions, st.sampled_from(list(Change)))
def test_the_version_after_is_higher_and_starts_the_smaller_parts_anew(version, change):
    after = version.after(change)
    assert after > version
    assert (after.major == version.major) == (change is not Change.MAJOR)
    assert change is Change.PATCH or after.patch == 0
    assert change is not Change.MAJOR or after.minor == 0


def test_versions_are_ordered_by_number_and_not_by_letter():
    assert Version(1, 9, 0) < Version(1, 10, 0) < Version(2, 0, 0)
    assert Version(1, 0, 0) == FIRST
