"""Work in steps, each metered and written down.

So far a run goes through its steps in this process, one after another."""

from pressroom.flows.run import Run, start_run

__all__ = ["Run", "start_run"]
