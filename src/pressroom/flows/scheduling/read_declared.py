"""Reads files for `declared`, as a program: its last line is what they declare, as JSON."""

import sys
from pathlib import Path

from pressroom.flows.scheduling.declared import read_files
from pressroom.values import to_document

if __name__ == "__main__":
    sys.dont_write_bytecode = True
    answer = to_document(read_files([Path(each) for each in sys.argv[1:]]))
    sys.stdout.buffer.write(b"\n" + answer + b"\n")
