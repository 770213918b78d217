import json
from pathlib import Path
from typing import Any

import pytest


def test_it_says_where_and_for_what_it_listens(run: Any, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(
        "pressroom.doors.cli.control.control", lambda folder, *, host, port: asked.append((folder, host, port))
    )
    said = run("control", "--dir", filled, "--port", "8123", "--json")
    assert json.loads(said.out) == {"url": "http://127.0.0.1:8123", "facts": ["delivered", "ordered"]}
    assert "Taking in delivered, ordered on http://127.0.0.1:8123" in said.err
    assert asked == [(filled, None, 8123)]
