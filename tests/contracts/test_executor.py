from pressroom.backends.process.executor import ProcessExecutor
from pressroom.testing.contracts.executor import ExecutorContract


class TestProcessExecutor(ExecutorContract):
    def make(self) -> ProcessExecutor:
        return ProcessExecutor(prepare="pressroom.testing.contracts.executor:prepare", about="", slots=4)
