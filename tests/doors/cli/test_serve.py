from pathlib import Path
from typing import Any

import pytest

from pressroom.doors.cli import serve as serve_module


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    asked: list[dict[str, object]] = []

    def serve(folder: Path, **told: object) -> None:
        asked.append({"folder": folder, **told})

    monkeypatch.setattr(serve_module, "serve", serve)
    return asked


def test_the_server_listens_where_the_settings_say(run: Any, pushed: Path, served: list[dict[str, object]]) -> None:
    said = run("serve", "--dir", pushed, "--json")
    assert said.document() == {"url": "http://127.0.0.1:7077", "endpoints": ["delivery_risk"]}
    assert served == [{"folder": pushed, "host": None, "port": None, "grpc_port": None, "workers": None}]


def test_options_go_before_the_settings(run: Any, pushed: Path, served: list[dict[str, object]]) -> None:
    said = run("serve", "--host", "0.0.0.0", "--port", "8080", "--grpc", "8081", "--dir", pushed)
    assert said.out == ""
    assert "http://0.0.0.0:8080 and gRPC on 0.0.0.0:8081" in said.err
    assert served == [{"folder": pushed, "host": "0.0.0.0", "port": 8080, "grpc_port": 8081, "workers": None}]


def test_a_port_that_cannot_be_is_wrong_use(run: Any, pushed: Path, served: list[dict[str, object]]) -> None:
    assert run("serve", "--port", "70000", "--dir", pushed).code == 2
    assert served == []
