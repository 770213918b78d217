"""A worker of a crew on this machine, as a process: does what comes through a pipe, and ends with whoever sends it."""

import os
import queue
import signal
import threading
from multiprocessing.connection import Connection
from typing import Any

PROGRAM = "pressroom.backends.local.crew_worker"


def main(number: int) -> None:
    """Work, until the other end of the pipe is closed."""
    # Ctrl-C is for who forms the crew; that one asks.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = Connection(number)
    works: queue.SimpleQueue[Any] = queue.SimpleQueue()
    asked = threading.Event()
    threading.Thread(target=_listen, args=(connection, works, asked), daemon=True).start()
    while True:
        work, seat = works.get()
        connection.send_bytes(work(seat, asked.is_set))


def _listen(connection: Any, works: "queue.SimpleQueue[Any]", asked: threading.Event) -> None:
    while True:
        try:
            told = connection.recv()
        except (EOFError, OSError):
            # Nobody hears any more what is done here. Checkpoints are whole or not there.
            os._exit(1)
        if told is None:
            asked.set()
        else:
            asked.clear()
            works.put(told)
