"""Where people and machines come in: the command line, the prediction server.

Here live formats only, for a person, a shell or HTTP. What may be done, and what it means, the rooms below decide.
"""

__all__: list[str] = []
