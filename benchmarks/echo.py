"""The limit of a server: the same HTTP server, which sends the body back and does nothing else. Run with a port."""

import sys
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.server.mp import MPServer


class Echo:
    """Sends bodies back."""

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """One request."""
        if scope.method == "GET":
            protocol.response_bytes(200, [("content-type", "application/json")], b"{}")
            return
        protocol.response_bytes(200, [("content-type", "application/json")], await protocol())


if __name__ == "__main__":
    MPServer(
        target="echo",
        port=int(sys.argv[1]),
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        workers=int(sys.argv[2]) if len(sys.argv) > 2 else 1,
        websockets=False,
        log_enabled=False,
    ).serve(target_loader=lambda *_: Echo(), wrap_loader=False)
