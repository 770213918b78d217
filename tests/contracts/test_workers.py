from pressroom.backends.local.workers import Processes
from pressroom.backends.memory.workers import OwnProcess
from pressroom.testing.contracts.workers import WorkersContract


class TestOwnProcess(WorkersContract):
    own_process = True

    def make(self) -> OwnProcess:
        return OwnProcess()


class TestProcesses(WorkersContract):
    def make(self) -> Processes:
        return Processes(2)
