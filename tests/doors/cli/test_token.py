from pathlib import Path
from typing import Any


def test_a_token_is_shown_once_listed_and_revoked(run: Any, pushed: Path) -> None:
    made = run("token", "create", "checkout", "--role", "watch", "--dir", pushed, "--json").document()
    assert made["token"].startswith("pr_")
    listed = run("token", "list", "--dir", pushed).out
    assert "checkout" in listed
    assert made["token"] not in listed
    assert run("token", "revoke", "checkout", "--dir", pushed).code == 0
    (token,) = run("token", "list", "--dir", pushed, "--json").document()["tokens"]
    assert (token["name"], token["role"], token["revoked"] is not None) == ("checkout", "watch", True)


def test_wrong_use_is_refused(run: Any, pushed: Path) -> None:
    for arguments in (["make", "x"], ["create"], ["revoke"], ["list", "x"]):
        assert run("token", *arguments, "--dir", pushed).code == 2
    assert run("token", "create", "x", "--role", "root", "--dir", pushed).code == 1
    assert run("token", "revoke", "nobody", "--dir", pushed).code == 1
