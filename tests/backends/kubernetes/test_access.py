"""Access: kubeconfigs as kubectl writes them, service accounts, and what of them is refused."""

import base64
import sys
import tomllib
from pathlib import Path

import pytest

from pressroom.backends.kubernetes.access import access_in_config, access_in_pod
from pressroom.backends.kubernetes.api import Api
from pressroom.backends.kubernetes.open_api import open_api
from pressroom.ports import BackendError

CONFIG = """
apiVersion: v1
kind: Config
current-context: two
contexts:
- name: one
  context: {cluster: far, user: plain}
- name: two
  context: {cluster: far, user: %USER%, namespace: ml}
- name: lost
  context: {cluster: nowhere, user: plain}
clusters:
- name: far
  cluster: {server: "https://10.0.0.1:6443", certificate-authority: ca.pem}
- name: open
  cluster: {server: "https://10.0.0.2:6443", insecure-skip-tls-verify: true}
users:
- name: plain
  user: {token: abc}
- name: filed
  user: {tokenFile: token}
- name: certified
  user: {client-certificate-data: "%CERT%", client-key-data: "%KEY%"}
- name: plugged
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: %PYTHON%
      args: [plugin.py]
      env: [{name: WHO, value: me}]
- name: broken
  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: /no/such/plugin}}
"""


def config(folder: Path, user: str = "plain") -> Path:
    told = {"%USER%": user, "%CERT%": code("CERTIFICATE"), "%KEY%": code("KEY"), "%PYTHON%": sys.executable}
    text = CONFIG
    for name, value in told.items():
        text = text.replace(name, value)
    (folder / "ca.pem").write_text("AUTHORITY")
    (folder / "config").write_text(text)
    return folder / "config"


def code(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_the_current_context_says_where_and_who(tmp_path: Path) -> None:
    found = access_in_config(config(tmp_path))
    assert (found.url, found.namespace, found.authority) == ("https://10.0.0.1:6443", "ml", "AUTHORITY")
    assert found.token() == "abc"
    assert access_in_config(config(tmp_path), "one").namespace == ""


def test_a_token_in_a_file_is_read_each_time(tmp_path: Path) -> None:
    found = access_in_config(config(tmp_path, "filed"))
    for said in ("first", "second"):
        (tmp_path / "token").write_text(f"{said}\n")
        assert found.token() == said


def test_certificates_are_those_in_the_file(tmp_path: Path) -> None:
    found = access_in_config(config(tmp_path, "certified"))
    assert (found.certificate, found.key) == ("CERTIFICATE", "KEY")
    assert "CERTIFICATE" not in repr(found)
    with pytest.raises(BackendError, match="certificate that can't be used"):
        found.trusted()


def test_a_plugin_is_asked_for_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plugin.py").write_text(
        "import json, os\n"
        "asked = json.loads(os.environ['KUBERNETES_EXEC_INFO'])['kind']\n"
        "print(json.dumps({'status': {'token': asked + ' for ' + os.environ['WHO']}}))\n"
    )
    assert access_in_config(config(tmp_path, "plugged")).token() == "ExecCredential for me"
    with pytest.raises(BackendError, match="gave no token"):
        access_in_config(config(tmp_path, "broken")).token()


@pytest.mark.parametrize(("context", "said"), [("nobody", "no context 'nobody'"), ("lost", "no cluster 'nowhere'")])
def test_what_is_not_there_is_named(tmp_path: Path, context: str, said: str) -> None:
    with pytest.raises(BackendError, match=said):
        access_in_config(config(tmp_path), context)


def test_a_server_that_nobody_checks_is_refused(tmp_path: Path) -> None:
    file = config(tmp_path)
    file.write_text(file.read_text().replace("cluster: far, user: plain}", "cluster: open, user: plain}"))
    with pytest.raises(BackendError, match="not to check who the server"):
        access_in_config(file, "one")
    file.write_text("- a list")
    with pytest.raises(BackendError, match="is no kubeconfig"):
        access_in_config(file)


def test_a_pod_has_its_service_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BackendError, match="in no pod"):
        access_in_pod(tmp_path)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    for name, text in (("token", "abc\n"), ("namespace", "ml"), ("ca.crt", "AUTHORITY")):
        (tmp_path / name).write_text(text)
    found = access_in_pod(tmp_path)
    assert (found.url, found.namespace, found.token()) == ("https://[fd00::1]:443", "ml", "abc")
    assert isinstance(Api(found.url, access=found), Api)


def test_the_settings_say_which_is_meant(tmp_path: Path) -> None:
    told = {"token": "", "authority": "", "config": config(tmp_path)}
    assert open_api("", **told, namespace="") == (None, "default")
    assert open_api("kubeconfig", **told, namespace="")[1] == "ml"
    assert open_api("kubeconfig:one", **told, namespace="mine")[1] == "mine"
    with pytest.raises(BackendError, match="in no pod"):
        open_api("pod", **told, namespace="")


def test_without_pyyaml_a_kubeconfig_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(BackendError) as caught:
        access_in_config(config(tmp_path))
    assert caught.value.next_step == "pip install 'pressroom[kubernetes]'"
    extras = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    assert [wanted.partition(">")[0] for wanted in extras["kubernetes"]] == ["pyyaml"]
