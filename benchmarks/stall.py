"""How long other threads wait while one works: the longest pause of a thread that only wants to wake each millisecond.

Both what holds the interpreter and what the machine's other work takes is in it, so it is told beside the same pause
while nothing is done.
"""

import threading
import time
from collections.abc import Callable

_TICK_S = 0.001


def longest_pause_s(act: Callable[[], object]) -> float:
    """The longest time between two ticks of another thread while `act` is done."""
    done, pauses = threading.Event(), [0.0]

    def tick() -> None:
        last = time.perf_counter()
        while not done.is_set():
            time.sleep(_TICK_S)
            now = time.perf_counter()
            pauses.append(now - last)
            last = now

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        act()
    finally:
        done.set()
        thread.join()
    return max(pauses)
