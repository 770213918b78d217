"""A crowd of clients that ask a real server all the time."""

import http.client
import json
import threading

from tests.projects import request_row

BODY = json.dumps({"rows": [request_row(1)]})
PREDICT = "/v1/endpoints/risk:predict"


class Crowd:
    """Clients on connections of their own, each with retries off; what failed, and how many were answered."""

    def __init__(self, server, count):
        self.answered, self.failed, self._server = [0] * count, [], server
        self._enough = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(n,)) for n in range(count)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, number):
        connection = self._server.connect()
        while not self._enough.wait(0.002):
            try:
                connection.request("POST", PREDICT, BODY)
                response = connection.getresponse()
                said = response.read()
                if response.status == 200:
                    self.answered[number] += 1
                else:
                    self.failed.append(said)
            except (OSError, http.client.HTTPException) as error:
                self.failed.append(error)
                connection.close()
                connection = self._server.connect()
        connection.close()
