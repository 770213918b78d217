"""Models are swapped while 32 connections ask: nobody fails, and a rollback is there at once."""

import os
import time

from tests.crowd import Crowd
from tests.servers import Server, served_folder, wait_for

from pressroom.serving import Share
from pressroom.workspace import open_workspace

SWAPS = int(os.environ.get("PRESSROOM_SWAPS", "8"))
"""How many; a hundred are wanted before a release."""


def serving(server):
    """The version that answers."""
    return server.ask("GET", "/v1/endpoints/risk")[1]["endpoint_version"]


def test_swaps_under_load_fail_no_request(tmp_path):
    server = Server(tmp_path, served_folder(tmp_path))
    with open_workspace(tmp_path) as workspace, Crowd(server, 32) as crowd:
        risk = workspace.definitions().endpoint("risk")
        for number in range(SWAPS):
            pushed = workspace.serving.push(risk, [Share(model=f"late.{('by_traffic', 'by_pieces')[number % 2]}")])
            wanted = pushed.endpoint.version
            assert wait_for(
                lambda wanted=wanted: server.ask("GET", "/v1/endpoints/risk")[1]["endpoint_version"] == wanted
            )
        took = []
        for _ in range(3):
            started = time.perf_counter()
            back = workspace.catalog.point_back("endpoint", "risk")
            took.append(time.perf_counter() - started)
            assert back is not None
    assert crowd.failed == []
    assert all(count > SWAPS for count in crowd.answered)
    assert min(took) < 0.05, "the pointer itself"
    assert server.stop() == 0
