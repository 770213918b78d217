"""Who may ask: tokens, their roles, and what happens to those who have none."""

import json

import pytest
from tests.doors.inference.conftest import InProcess
from tests.projects import request_row

BODY = {"rows": [request_row()]}
PREDICT = ("POST", "/v1/endpoints/risk:predict", BODY)
METRICS = ("GET", "/metrics")


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    served = InProcess(tmp_path_factory.mktemp("locked"), tokens=True)
    yield served
    served.close()


def secret_of(locked, name, role):
    secret = locked.workspace.tokens.create(name, role)
    locked.worker._share()
    return secret


def status(locked, question, secret=None):
    headers = {} if secret is None else {"authorization": f"Bearer {secret}"}
    method, path, *body = question
    raw = json.dumps(body[0]).encode() if body else b""
    return locked.respond(method, path, raw, headers).status


def test_without_a_token_only_health_is_told(locked):
    assert status(locked, ("GET", "/health/ready")) == 200
    assert status(locked, ("GET", "/v2/health/live")) == 200
    for question in (PREDICT, METRICS, ("GET", "/v1/endpoints"), ("GET", "/openapi.json"), ("GET", "/nowhere")):
        assert status(locked, question) == 401
    response = locked.respond("GET", "/v1/endpoints")
    assert ("www-authenticate", "Bearer") in response.headers


def test_each_role_may_do_its_own(locked):
    ask, append, watch, admin = (secret_of(locked, name, name) for name in ("ask", "append", "watch", "admin"))
    assert [status(locked, question, ask) for question in (PREDICT, METRICS)] == [200, 403]
    assert [status(locked, question, append) for question in (PREDICT, METRICS)] == [403, 403]
    assert [status(locked, question, watch) for question in (PREDICT, METRICS)] == [403, 200]
    assert [status(locked, question, admin) for question in (PREDICT, METRICS)] == [200, 200]


def test_a_revoked_or_unknown_token_is_none(locked):
    secret = secret_of(locked, "gone", "ask")
    assert status(locked, PREDICT, secret) == 200
    locked.workspace.tokens.revoke("gone")
    locked.worker._share()
    assert status(locked, PREDICT, secret) == 401
    for wrong in ("", "x", secret[:-1], "ü", "\x00"):
        assert status(locked, PREDICT, wrong) == 401
