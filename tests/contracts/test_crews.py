from pressroom.backends.local.crews import ProcessCrews
from pressroom.testing.contracts.crews import CrewsContract


class TestProcessCrews(CrewsContract):
    def make(self) -> ProcessCrews:
        return ProcessCrews(2)
