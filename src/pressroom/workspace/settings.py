"""Settings: `pressroom.toml` in the workspace's folder, overridden by the environment. The only reader of both.

`PRESSROOM_SERVER_PORT=8080` overrides `port` in `[server]`, and so on: section and field in capitals.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from pressroom.policy import Rule
from pressroom.serving import WhenFull
from pressroom.workspace.errors import BadSettings, NoWorkspace

FILE = "pressroom.toml"
_SECTIONS = ("project", "server", "costs", "policy")
Section = TypeVar("Section", bound="Project | Server | Costs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """`[project]`: `definitions` is the Python file, beside pressroom.toml, with all declarations."""

    definitions: str = "definitions.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """`[server]`: how the prediction server listens, and what it takes.

    `host` is loopback unless told otherwise; `workers` processes share the port. With `tokens` true, whoever asks needs
    a token (`pressroom token create`); `tls_cert` and `tls_key` are PEM files beside pressroom.toml. A body over
    `max_body_bytes` is refused before it is read whole, one that does not come within `read_seconds` is given up, and a
    request has at most `max_rows` rows. A request that would wait longer than `longest_wait_ms` is sent away, those of
    lower tiers sooner. `log_when_full` says what happens when predictions can't be written down as fast as they are
    made: "block" lets requests wait, "drop" leaves predictions out and counts them. All models together take
    `model_memory_bytes` at most (0: any). With `replay`, requests may say as of when they ask.
    """

    host: str = "127.0.0.1"
    port: int = 7077
    workers: int = 1
    tokens: bool = False
    tls_cert: str = ""
    tls_key: str = ""
    max_body_bytes: int = 4_194_304
    max_rows: int = 10_000
    read_seconds: int = 30
    longest_wait_ms: int = 100
    log_when_full: str = "block"
    model_memory_bytes: int = 0
    replay: bool = False

    def __post_init__(self) -> None:
        """Refuse what no server can be."""
        for name in ("workers", "max_body_bytes", "max_rows", "read_seconds", "longest_wait_ms"):
            if getattr(self, name) < 1:
                raise BadSettings(f"server.{name} is {getattr(self, name)}.", next_step="It must be at least 1.")
        if self.log_when_full not in ("block", "drop"):
            raise BadSettings(
                f"server.log_when_full is {self.log_when_full!r}.", next_step='It must be "block" or "drop".'
            )
        if bool(self.tls_cert) != bool(self.tls_key):
            raise BadSettings(
                "server.tls_cert and server.tls_key go together.", next_step="Name both files, or neither."
            )

    def log_policy(self) -> WhenFull:
        """What happens when predictions can't be written down fast enough."""
        return "drop" if self.log_when_full == "drop" else "block"


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """`[costs]`: `price_book` is a TOML file beside pressroom.toml; empty means the laptop's book that is built in."""

    price_book: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. `[policy.labels]` maps a label to the purposes that data with it may be used for."""

    folder: Path
    project: Project = field(default_factory=Project)
    server: Server = field(default_factory=Server)
    costs: Costs = field(default_factory=Costs)
    rules: tuple[Rule, ...] = ()


def read_settings(folder: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of a workspace. Raises NoWorkspace, BadSettings (which names the field)."""
    path = folder / FILE
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NoWorkspace(
            f"{folder} is no workspace: it has no {FILE}.",
            next_step="Run `pressroom init DIR`, or name one with --dir.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadSettings(f"{path} can't be read: {error}.", next_step="Mend the file.") from error
    unknown = sorted(set(told) - set(_SECTIONS))
    if unknown:
        raise BadSettings(
            f"{FILE} has an unknown section {unknown[0]!r}.", next_step=f"It knows {', '.join(_SECTIONS)}."
        )
    variables = os.environ if environment is None else environment
    return Settings(
        folder=folder,
        project=_section(Project(), told, "project", variables),
        server=_section(Server(), told, "server", variables),
        costs=_section(Costs(), told, "costs", variables),
        rules=_rules(told),
    )


def _section(default: Section, told: Mapping[str, Any], name: str, variables: Mapping[str, str]) -> Section:
    given: dict[str, Any] = dict(_table(told, name, place=name))
    known = {entry.name: type(getattr(default, entry.name)) for entry in fields(default)}
    for entry in known:
        variable = f"PRESSROOM_{name}_{entry}".upper()
        if variable in variables:
            given[entry] = variables[variable]
    for entry, value in given.items():
        if entry not in known:
            raise BadSettings(
                f"[{name}] has an unknown field {entry!r}.", next_step=f"It knows {', '.join(sorted(known))}."
            )
        given[entry] = _value(f"{name}.{entry}", value, known[entry])
    return replace(default, **given)


def _table(told: Mapping[str, Any], name: str, *, place: str) -> Mapping[str, Any]:
    found = told.get(name, {})
    if not isinstance(found, dict):
        raise BadSettings(f"{place} is {found!r}.", next_step=f"It must be a section: [{place}].")
    return found


def _value(place: str, value: object, kind: type) -> object:
    if kind is int and isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    if kind is bool and value in ("true", "false"):
        return value == "true"
    if type(value) is not kind:
        words = {int: "a whole number", str: "text", bool: "true or false"}[kind]
        raise BadSettings(f"{place} is {value!r}.", next_step=f"It must be {words}.")
    return value


def _rules(told: Mapping[str, Any]) -> tuple[Rule, ...]:
    policy = _table(told, "policy", place="policy")
    unknown = sorted(set(policy) - {"labels"})
    if unknown:
        raise BadSettings(f"[policy] has an unknown field {unknown[0]!r}.", next_step="It knows labels.")
    labels = _table(policy, "labels", place="policy.labels")
    for label, purposes in labels.items():
        if not isinstance(purposes, list) or not all(isinstance(purpose, str) for purpose in purposes):
            raise BadSettings(
                f"policy.labels.{label} is {purposes!r}.", next_step='It must be a list of purposes: ["fraud"].'
            )
    return tuple(Rule(label=label, purposes=tuple(purposes)) for label, purposes in labels.items())
