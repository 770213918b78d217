from pathlib import Path

import pytest

from pressroom.backends.memory.workers import OwnProcess
from pressroom.policy import Rule
from pressroom.workspace import BadSettings, NoWorkspace, Settings, read_settings
from pressroom.workspace.assembly import workers_of


@pytest.fixture
def read(tmp_path):
    """Settings from text, and from nothing else."""

    def reading(text: str, environment: dict[str, str] | None = None) -> Settings:
        (tmp_path / "pressroom.toml").write_text(text, encoding="utf-8")
        return read_settings(tmp_path, environment or {})

    return reading


def test_an_empty_file_gives_what_a_laptop_needs(read, tmp_path):
    settings = read("")
    assert settings == Settings(folder=tmp_path)
    assert (settings.server.host, settings.server.port, settings.server.replay) == ("127.0.0.1", 7077, False)
    assert settings.project.definitions == "definitions.py"


def test_what_the_file_says_holds(read):
    settings = read('[server]\nhost = "0.0.0.0"\nport = 80\nreplay = true\n[costs]\nprice_book = "ours.toml"\n')
    assert (settings.server.host, settings.server.port, settings.server.replay) == ("0.0.0.0", 80, True)
    assert settings.server.max_body_bytes == 4_194_304
    assert settings.costs.price_book == "ours.toml"


def test_types_that_models_may_be_made_of_are_a_list(read):
    models = read('[models]\nallowed_types = ["mine.Scaler", "theirs.*"]\nhalf_fenced = true\n').models
    assert (models.allowed_types, models.half_fenced) == (("mine.Scaler", "theirs.*"), True)
    assert read("", {"PRESSROOM_MODELS_ALLOWED_TYPES": "a.B, c.D"}).models.allowed_types == ("a.B", "c.D")
    assert read("").models.allowed_types == ()
    with pytest.raises(BadSettings, match=r"models\.allowed_types"):
        read("[models]\nallowed_types = [1]\n")


def test_the_environment_goes_before_the_file(read):
    variables = {
        "PRESSROOM_SERVER_PORT": "8080",
        "PRESSROOM_SERVER_REPLAY": "true",
        "PRESSROOM_PROJECT_DEFINITIONS": "floor.py",
        "PRESSROOM_NOBODY_KNOWS": "this",
    }
    settings = read("[server]\nport = 80\n", variables)
    assert (settings.server.port, settings.server.replay, settings.project.definitions) == (8080, True, "floor.py")


@pytest.mark.parametrize("value", ["", "a", "1.5", "-1", " 1", "²", "1_000"])
def test_a_variable_that_is_no_whole_number_is_refused(read, value):
    with pytest.raises(BadSettings, match=r"server\.port") as caught:
        read("", {"PRESSROOM_SERVER_PORT": value})
    assert "whole number" in caught.value.next_step


@pytest.mark.parametrize(
    ("text", "named", "next_step"),
    [
        ("[sever]\n", "'sever'", "project, server, control, upkeep, costs, models, policy"),
        ("port = 1\n", "'port'", "server"),
        ("[server]\nprot = 1\n", "'prot'", "port"),
        ("[server]\nport = 1.5\n", "server.port is 1.5", "whole number"),
        ('[upkeep]\nsettle_every = "often"\n', "upkeep.settle_every is 'often'", 'Or "never"'),
        ('[upkeep]\nkeep = "never"\n', "upkeep.keep is 'never'", "24h"),
        ("[upkeep]\nsettle_every = 5\n", "upkeep.settle_every is 5", "text"),
        ("[server]\nport = true\n", "server.port is True", "whole number"),
        ("[server]\nhost = 1\n", "server.host is 1", "text"),
        ('[server]\nreplay = "yes"\n', "server.replay is 'yes'", "true or false"),
        ("[server]\nreplay = 1\n", "server.replay is 1", "true or false"),
        ("[project]\ndefinitions = []\n", "project.definitions", "text"),
        ("server = 5\n", "server is 5", "[server]"),
        ("policy = 5\n", "policy is 5", "[policy]"),
        ("[policy]\nlabels = 5\n", "policy.labels is 5", "[policy.labels]"),
        ('[policy.label]\npii = ["x"]\n', "'label'", "labels"),
        ('[policy.labels]\npii = "fraud"\n', "policy.labels.pii", "a list of purposes"),
        ("[policy.labels]\npii = [1]\n", "policy.labels.pii", "a list of purposes"),
        ("[server\n", "can't be read", "Mend"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(read, text, named, next_step):
    with pytest.raises(BadSettings) as caught:
        read(text)
    assert named in caught.value.message
    assert next_step in caught.value.next_step


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "pressroom.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadSettings, match="can't be read"):
        read_settings(tmp_path, {})


def test_rules_are_read_in_their_order(read):
    settings = read('[policy.labels]\npii = ["fraud", "billing"]\nsecret = []\n')
    assert settings.rules == (Rule(label="pii", purposes=("fraud", "billing")), Rule(label="secret", purposes=()))


@pytest.mark.parametrize("place", ["", "below", "file.txt"])
def test_a_folder_without_settings_is_no_workspace(tmp_path, place):
    if place == "file.txt":
        (tmp_path / place).write_text("", encoding="utf-8")
        with pytest.raises((NoWorkspace, BadSettings)):
            read_settings(tmp_path / place, {})
        return
    with pytest.raises(NoWorkspace, match="is no workspace") as caught:
        read_settings(Path(tmp_path / place), {})
    assert "pressroom init" in caught.value.next_step


@pytest.mark.parametrize(("text", "size"), [("4GB", 4 * 10**9), ("500MB", 5 * 10**8), ("16 GB", 16 * 10**9)])
def test_memory_is_written_with_its_unit(read, text, size):
    assert read(f'[training]\nmemory = "{text}"\n').training.memory_bytes() == size


@pytest.mark.parametrize("text", ["", "4", "4gb", "400MB", "-4GB", "4.5GB", "lots"])
def test_memory_that_is_none_is_refused(read, text):
    with pytest.raises(BadSettings, match=r"training\.memory"):
        read(f'[training]\nmemory = "{text}"\n').training.memory_bytes()


def test_workers_are_this_process_or_processes_or_a_cluster(read):
    assert isinstance(workers_of(read("").workers), OwnProcess)
    assert workers_of(read("[workers]\nprocesses = 3\n").workers).slots() == 3
    for text in ("processes = 0", 'processes = 2\nray = "auto"'):
        with pytest.raises(BadSettings, match="workers"):
            workers_of(read(f"[workers]\n{text}\n").workers)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("workers = 0", "workers"),
        ("max_rows = 0", "max_rows"),
        ('log_when_full = "lose"', '"block" or "drop"'),
        ('tls_cert = "cert.pem"', "both files"),
    ],
)
def test_a_server_that_cannot_be_is_refused(tmp_path, line, word):
    (tmp_path / "pressroom.toml").write_text(f"[server]\n{line}\n", encoding="utf-8")
    with pytest.raises(BadSettings) as caught:
        read_settings(tmp_path, {})
    assert word in str(caught.value)
