"""Many rows at once, without naming who made them."""

from typing import Protocol


class Columns(Protocol):
    """Anything that hands out its rows through the Arrow C stream interface: pyarrow, Polars, DuckDB, pandas ...

    Ports speak this instead of one library's table class; taking it is free of copies.
    """

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """A PyCapsule that holds an ArrowArrayStream."""
        ...
