"""Access to a cluster: from a kubeconfig's current context, as kubectl has it, or from a pod's own service account."""

import base64
import json
import os
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pressroom.ports import BackendError

_POD = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_PLUGIN_S = 60.0
_KEPT_S = 300.0
"""As long as what a plugin said is used: all of them give tokens that live longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where the API is, and who we are there. `authority` is the certificate (PEM) of who signed the server's; empty:
    one that this system trusts. `certificate` and `key` (PEM) are ours, where they say who we are.
    """

    url: str
    namespace: str = ""
    authority: str = ""
    certificate: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    token: Callable[[], str] = field(default=lambda: "", repr=False)

    def trusted(self) -> ssl.SSLContext:
        """What a connection is made with. Raises BackendError for certificates that are none."""
        try:
            made = ssl.create_default_context(cadata=self.authority or None)
            if self.certificate:
                with tempfile.NamedTemporaryFile("w", suffix=".pem") as both:
                    both.write(f"{self.certificate}\n{self.key}\n")
                    both.flush()
                    made.load_cert_chain(both.name)
        except (ssl.SSLError, ValueError) as error:
            raise _wrong(f"has a certificate that can't be used: {error}") from error
        return made


def access_in_pod(folder: Path = _POD) -> Access:
    """That of the pod in which this process runs. Raises BackendError outside of one."""
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST", ""), os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    if not host or not (folder / "token").exists():
        raise BackendError(
            "This process runs in no pod with a service account.",
            next_step='Write [executors] kubernetes = "kubeconfig", or the address of the API.',
        )
    return Access(
        url=f"https://{f'[{host}]' if ':' in host else host}:{port}",
        namespace=_text(folder / "namespace") if (folder / "namespace").exists() else "",
        authority=_text(folder / "ca.crt"),
        token=lambda: _text(folder / "token").strip(),
    )


def access_in_config(file: Path, context: str = "") -> Access:
    """That of a context of a kubeconfig; of its current one, if none is named. Raises BackendError, which names what is
    missing.
    """
    told = _document(file)
    name = context or str(told.get("current-context") or "")
    if not name:
        raise _wrong(f"{file} has no current context", "kubectl config use-context NAME, or name one: kubeconfig:NAME.")
    chosen = _named(told, "contexts", "context", name, file)
    cluster = _named(told, "clusters", "cluster", str(chosen.get("cluster", "")), file)
    user = _named(told, "users", "user", str(chosen["user"]), file) if chosen.get("user") else {}
    if cluster.get("insecure-skip-tls-verify"):
        raise _wrong(
            f"{file} asks not to check who the server of {name} is", "Give certificate-authority-data instead."
        )
    if "auth-provider" in user:
        raise _wrong(f"{file} has an auth-provider, which clusters no longer have", "Use its exec plugin.")
    return Access(
        url=str(cluster.get("server", "")),
        namespace=str(chosen.get("namespace") or ""),
        authority=_pem(cluster, "certificate-authority", file),
        certificate=_pem(user, "client-certificate", file),
        key=_pem(user, "client-key", file),
        token=_token_of(user, file),
    )


def _token_of(user: Mapping[str, Any], file: Path) -> Callable[[], str]:
    if user.get("tokenFile"):
        place = file.parent / str(user["tokenFile"])
        return lambda: _text(place).strip()
    if user.get("exec"):
        return _Plugin(user["exec"])
    said = str(user.get("token") or "")
    return lambda: said


class _Plugin:
    """The token that a program gives, as those of the clouds do (client.authentication.k8s.io)."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._told = told
        self._said, self._until = "", 0.0

    def __call__(self) -> str:
        if time.monotonic() >= self._until:
            self._said, self._until = self._ask(), time.monotonic() + _KEPT_S
        return self._said

    def _ask(self) -> str:
        command = str(self._told.get("command", ""))
        about = {"apiVersion": self._told.get("apiVersion"), "kind": "ExecCredential", "spec": {"interactive": False}}
        more = {str(each["name"]): str(each["value"]) for each in self._told.get("env") or []}
        try:
            done = subprocess.run(
                [command, *map(str, self._told.get("args") or [])],
                env={**os.environ, **more, "KUBERNETES_EXEC_INFO": json.dumps(about)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PLUGIN_S,
                check=True,
            )
            return str(json.loads(done.stdout)["status"]["token"])
        except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
            raise _wrong(f"names {command}, which gave no token: {error}", f"Run {command} by hand.") from error


def _document(file: Path) -> Mapping[str, Any]:
    try:
        import yaml
    except ImportError as error:
        raise BackendError(
            "To read a kubeconfig takes PyYAML.", next_step="pip install 'pressroom[kubernetes]'"
        ) from error
    try:
        told = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise _wrong(f"{file} can't be read: {error}") from error
    if not isinstance(told, Mapping):
        raise _wrong(f"{file} is no kubeconfig")
    return told


def _named(told: Mapping[str, Any], many: str, one: str, name: str, file: Path) -> Mapping[str, Any]:
    found = {each.get("name"): each.get(one) for each in told.get(many) or [] if isinstance(each, Mapping)}
    meant = found.get(name)
    if not isinstance(meant, Mapping):
        known = ", ".join(sorted(map(str, found))) or "none"
        raise _wrong(f"{file} has no {one} {name!r}", f"It has {known}.")
    return meant


def _pem(told: Mapping[str, Any], name: str, file: Path) -> str:
    """What is written there, or lies in the file that it names, beside the kubeconfig."""
    if told.get(f"{name}-data"):
        try:
            return base64.b64decode(told[f"{name}-data"], validate=True).decode("ascii")
        except ValueError as error:
            raise _wrong(f"{file} has a {name}-data that is not base64") from error
    return _text(file.parent / str(told[name])) if told.get(name) else ""


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise _wrong(f"{file} can't be read: {error.strerror}") from error


def _wrong(words: str, step: str = "kubectl config view shows it.") -> BackendError:
    return BackendError(f"The kubeconfig: {words}.", next_step=step)
