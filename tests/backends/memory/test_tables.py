from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from pressroom.backends.memory.tables import MemoryTables


def test_threads_that_append_lose_nothing() -> None:
    tables = MemoryTables()

    def append(number: int) -> None:
        tables.append(f"table_{number % 3}", pa.table({"n": [number]}), position=1 + number // 3)
        tables.scan(f"table_{number % 3}")

    for _ in range(20):
        tables = MemoryTables()
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(append, range(3)))
        assert tables.names() == ["table_0", "table_1", "table_2"]
        assert all(pa.table(tables.scan(name)).num_rows == 1 for name in tables.names())
