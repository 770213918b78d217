"""`python -m pressroom.ports.run_attempt ENTRY FOLDER`: an attempt as the whole of a process that nobody forked.

Containers, pods and Ray's workers run it. It leaves in the folder what it printed (`log`) and what it used
(`used.json`), and exits as the attempt did.
"""

import json
import os
import resource
import sys
from pathlib import Path

from pressroom.ports.attempt import LOG, USED, call_entry, to_log

_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


def main(entry: str, folder: Path) -> int:
    """Do an attempt; the exit code."""
    to_log(folder / LOG)
    code = call_entry(entry, folder)
    own, waited = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = own.ru_utime + own.ru_stime + waited.ru_utime + waited.ru_stime
    used = {"cpu_s": cpu_s, "peak_bytes": max(own.ru_maxrss, waited.ru_maxrss) * _MAXRSS_BYTES}
    (folder / USED).write_text(json.dumps(used), encoding="ascii")
    return code


if __name__ == "__main__":
    # Threads that a library left may not keep an attempt from ending.
    os._exit(main(sys.argv[1], Path(sys.argv[2])))
