"""Notices in a list."""

from pressroom.ports import Notice


class MemoryNotices:
    """Keeps what it was told, each once."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self.told: dict[str, Notice] = {}

    def send(self, notice: Notice) -> None:
        """Keep it."""
        self.told.setdefault(notice.id, notice)
