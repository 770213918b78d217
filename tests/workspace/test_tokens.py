import pytest

from pressroom.backends.memory.records import MemoryRecords
from pressroom.testing.clock import TurnedClock
from pressroom.values import Conflict, InvalidInput, NotFound
from pressroom.workspace import Tokens


@pytest.fixture
def tokens():
    return Tokens(MemoryRecords(), TurnedClock(1_000))


def test_a_secret_is_told_once_and_only_its_hash_is_kept(tokens):
    secret = tokens.create("checkout", "ask")
    assert len(secret) > 40
    (kept,) = tokens.all()
    assert secret not in str(kept)
    assert tokens.roles() == {kept.sha256: "ask"}
    assert tokens.create("other", "admin") != secret


def test_a_revoked_token_holds_no_more_and_stays_listed(tokens):
    tokens.create("checkout", "ask")
    assert tokens.revoke("checkout").revoked == 1_000
    assert tokens.revoke("checkout").revoked == 1_000
    assert tokens.roles() == {}
    assert len(tokens.all()) == 1


def test_wrong_names_and_roles_are_refused(tokens):
    tokens.create("checkout", "ask")
    with pytest.raises(Conflict):
        tokens.create("checkout", "ask")
    with pytest.raises(NotFound, match="'cashier'"):
        tokens.revoke("cashier")
    with pytest.raises(InvalidInput, match="no role"):
        tokens.create("other", "root")
    with pytest.raises(InvalidInput):
        tokens.create("Other!", "ask")
