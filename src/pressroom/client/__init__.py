"""How programs ask a prediction server: over kept connections, with deadlines and retries.

Needs nothing but the standard library and msgspec, so that an application can ask without all of Pressroom in memory.
What a server answers is the business of `doors.inference`.
"""

from pressroom.client.client import Client, connect
from pressroom.client.errors import Rejected, Unreachable
from pressroom.client.predicted import Explanation, Predicted, Reply

__all__ = ["Client", "Explanation", "Predicted", "Rejected", "Reply", "Unreachable", "connect"]
