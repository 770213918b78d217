"""From a table and the name of a column to a model that answers: the way that needs no code of its user."""

__all__: list[str] = []
