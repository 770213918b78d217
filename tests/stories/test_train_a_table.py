"""A table, one command, a push: and a server in processes of its own answers the very chances that were judged."""

import json
from datetime import datetime

import numpy as np
import pyarrow.csv as pacsv
import pytest
from tests.servers import Server, free_port
from tests.training.tables_given import customers
from typer.testing import CliRunner

from pressroom.doors.cli.main import app
from pressroom.models import inputs_from_table, load
from pressroom.training import table_of
from pressroom.workspace import open_workspace

PREDICT = "/v1/endpoints/customers:predict"


def command(*arguments):
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def as_json(row):
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


@pytest.mark.timeout(300)
def test_the_server_answers_what_training_judged(tmp_path):
    pytest.importorskip("sklearn")
    rows = customers(1_500)
    pacsv.write_csv(rows, tmp_path / "customers.csv")
    (tmp_path / "pressroom.toml").write_text(f"[server]\nport = {(port := free_port())}\n")
    at = ("--dir", tmp_path, "--json")
    said = command(
        "train", tmp_path / "customers.csv", "--target", "churned", "--time", "Signed up", "--entity", "customer_id",
        "--zone", "UTC", "--seconds", "20", *at,
    )  # fmt: skip
    assert said["winner"] in ("linear", "boosting", "network")
    command("push", "customers", *at)

    asked = rows.take(np.flatnonzero(np.arange(1_500) % 30 == 0))
    fields = {column.given: column.name for column in table_of(asked, source="asked").columns}
    wanted = ["customer_id", *(field["name"] for field in said["inputs"])]
    body = [
        as_json(row) for row in asked.rename_columns([*map(fields.get, asked.column_names)]).select(wanted).to_pylist()
    ]
    with open_workspace(tmp_path) as workspace:
        winner = next(model for model in said["models"] if model["name"] == said["winner"])
        loaded = load(winner["digest"], workspace.ports.blobs, workspace.permits)
        table = asked.rename_columns([*map(fields.get, asked.column_names)])
        expected = loaded.runnable.predict(inputs_from_table(loaded.package.signature, table))

    server = Server(tmp_path, port)
    try:
        status, answer = server.ask("POST", PREDICT, {"rows": body})
        assert status == 200, answer
        told = [one["prediction"] for one in answer["predictions"]]
        assert np.allclose(told, expected, atol=1e-9)
        strange = {**body[0], "plan": "a plan that nobody had", "age": None}
        status, answer = server.ask("POST", PREDICT, {"rows": [strange]})
        assert status == 200
        assert 0 < answer["predictions"][0]["prediction"] < 1
        status, refused = server.ask("POST", PREDICT, {"rows": [{**body[0], "calls": "many"}]})
        assert status == 400
        assert "calls" in json.dumps(refused)
        status, refused = server.ask("POST", PREDICT, {"rows": [{**body[0], "refund": 1.0}]})
        assert status == 400, "what was left out is not asked for"
    finally:
        assert server.stop() == 0

    with open_workspace(tmp_path) as workspace:
        kept, _ = workspace.facts.read(workspace.serving.current("customers").predictions())
        assert kept.num_rows == len(body) + 1
        assert set(body[0]) - {"signed_up"} <= set(kept.column_names)
