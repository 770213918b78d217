"""A model of a table: codings from raw columns to numbers, a fitted model of those numbers, and a calibration."""

__all__: list[str] = []
