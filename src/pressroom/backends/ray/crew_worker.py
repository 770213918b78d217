"""A worker of a crew, as an actor of a Ray cluster."""

import os
import socket
import threading
from typing import Any

from pressroom.ports import CrewWork, Seat
from pressroom.values import Document


class CrewWorker:
    """Its calls run in threads: while one works, others answer."""

    def __init__(self) -> None:
        """Nobody asked for anything."""
        self._asked: dict[str, threading.Event] = {}

    def there(self) -> int:
        """Its process, as a sign of life."""
        return os.getpid()

    def meeting(self) -> str:
        """An address at which a crew can meet: a free port of this node."""
        import ray

        address: str = ray.util.get_node_ip_address()
        with socket.socket() as free:
            free.bind((address, 0))
            return f"tcp://{address}:{free.getsockname()[1]}"

    def work(self, work: CrewWork, seat: Seat) -> Document:
        """Do it."""
        return work(seat, self._event(seat.meet).is_set)

    def ask(self, meet: str) -> None:
        """Ask whoever works in the crew that met there."""
        self._event(meet).set()

    def _event(self, meet: str) -> Any:
        return self._asked.setdefault(meet, threading.Event())
