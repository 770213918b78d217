"""Flows over many periods: which still have to be run, why, and what became of each."""
