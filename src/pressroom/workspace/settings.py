"""Settings: `pressroom.toml` in the workspace's folder, overridden by the environment. The only reader of both.

`PRESSROOM_SERVER_PORT=8080` overrides `port` in `[server]`, and so on: section and field in capitals.
"""

import os
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from pressroom.policy import Rule
from pressroom.serving import WhenFull
from pressroom.values import InvalidInput, parse_duration, parse_size
from pressroom.workspace.errors import BadSettings, NoWorkspace
from pressroom.workspace.machine_settings import MachineSettings, read_machine
from pressroom.workspace.work_settings import Executing, Scheduling, Telling

FILE = "pressroom.toml"
_SECTIONS = (
    "project", "server", "control", "upkeep", "costs", "models", "policy", "training", "workers", "executors",
    "schedules", "notices", "machine", "quotas", "budgets",
)  # fmt: skip
_LEAST_BYTES = 500_000_000
_WORDS = {int: "a whole number", str: "text", bool: "true or false", float: "a number", tuple: "a list of texts"}
NEVER = "never"
_KEPT = ("keep", "keep_unfinished")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """`[project]`: `definitions` is the Python file, beside pressroom.toml, with all declarations."""

    definitions: str = "definitions.py"


_AT_LEAST_ONE = ("workers", "max_body_bytes", "max_rows", "read_seconds", "max_connections", "longest_wait_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """`[server]`: how the prediction server listens, and what it takes.

    `host` is loopback unless told otherwise; `workers` processes share the port. At `grpc_port` (0: nowhere) the same
    is asked over gRPC, by the Open Inference Protocol. With `tokens` true, whoever asks needs
    a token (`pressroom token create`); `tls_cert` and `tls_key` are PEM files beside pressroom.toml. A body over
    `max_body_bytes` is refused before it is read whole, one that does not come within `read_seconds` is given up, and a
    request has at most `max_rows` rows. Each worker holds `max_connections` open; one on which nothing is asked for
    `read_seconds` is closed. A request that would wait longer than `longest_wait_ms` is sent away, those of
    lower tiers sooner. `log_when_full` says what happens when predictions can't be written down as fast as they are
    made: "block" lets requests wait, "drop" leaves predictions out and counts them. All models together take
    `model_memory_bytes` at most (0: any), and what a model's work for one entity came to is remembered in
    `partial_cache_bytes` (0: not at all). Spans of requests go to the collector at `traces`, by OTLP over HTTP (empty:
    nowhere; the environment's OTEL_EXPORTER_OTLP_ENDPOINT is heard too): those of callers that trace, and `trace_share`
    of the others. With `replay`, requests may say as of when they ask. `image` (NAME@sha256:...) states which image the
    server is started in: models made in another one are refused when they are pushed.
    """

    host: str = "127.0.0.1"
    port: int = 7077
    grpc_port: int = 0
    workers: int = 1
    tokens: bool = False
    tls_cert: str = ""
    tls_key: str = ""
    max_body_bytes: int = 4_194_304
    max_rows: int = 10_000
    read_seconds: int = 30
    max_connections: int = 4_096
    longest_wait_ms: int = 100
    log_when_full: str = "block"
    model_memory_bytes: int = 0
    traces: str = ""
    trace_share: float = 0.05
    partial_cache_bytes: int = 134_217_728
    replay: bool = False
    image: str = ""

    def __post_init__(self) -> None:
        """Refuse what no server can be."""
        for name in _AT_LEAST_ONE:
            if getattr(self, name) < 1:
                raise BadSettings(f"server.{name} is {getattr(self, name)}.", next_step="It must be at least 1.")
        for name in ("model_memory_bytes", "partial_cache_bytes"):
            if getattr(self, name) < 0:
                raise BadSettings(f"server.{name} is {getattr(self, name)}.", next_step="It must be at least 0.")
        if self.log_when_full not in ("block", "drop"):
            raise BadSettings(
                f"server.log_when_full is {self.log_when_full!r}.", next_step='It must be "block" or "drop".'
            )
        if not 0.0 <= self.trace_share <= 1.0:
            raise BadSettings(f"server.trace_share is {self.trace_share}.", next_step="It must be from 0 to 1.")
        if self.traces and not self.traces.startswith(("http://", "https://")):
            raise BadSettings(
                f"server.traces is {self.traces!r}.", next_step='It must be like "http://collector:4318".'
            )
        _check_tls("server", self.tls_cert, self.tls_key)

    def log_policy(self) -> WhenFull:
        """What happens when predictions can't be written down fast enough."""
        return "drop" if self.log_when_full == "drop" else "block"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """`[control]`: where facts come in over HTTP. `host` is loopback unless told otherwise.

    With `tokens` true, whoever appends needs a token of the role append (`pressroom token create`); `tls_cert` and
    `tls_key` are PEM files beside pressroom.toml.
    A body over `max_body_bytes` is refused before it is read whole, one that unpacks to more than `max_unpacked_bytes`
    before it is taken in, and one that takes longer than `max_body_s` to arrive; of more than `max_at_once` requests,
    the rest are asked to come again. `threads` append at the same time and share their fsyncs.
    """

    host: str = "127.0.0.1"
    port: int = 7078
    tokens: bool = False
    tls_cert: str = ""
    tls_key: str = ""
    max_body_bytes: int = 16_777_216
    max_unpacked_bytes: int = 268_435_456
    max_body_s: int = 30
    max_at_once: int = 256
    threads: int = 32

    def __post_init__(self) -> None:
        """Refuse a certificate without its key."""
        _check_tls("control", self.tls_cert, self.tls_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """`[upkeep]`: how often `pressroom upkeep` does what, as durations like "5min", or "never".

    `settle_every`: facts move to the tables; until then reading them means reading the log. `compact_every`: small
    files become few. `vacuum_every`: what only versions older than `keep` need is removed. `sweep_every`: what steps
    that never came to their end left behind is removed, `keep_unfinished` after the last write. `fresh_every`: facts
    that promise to be fresh are looked at.
    """

    settle_every: str = "5min"
    compact_every: str = "1d"
    vacuum_every: str = "1d"
    keep: str = "7d"
    sweep_every: str = "1d"
    keep_unfinished: str = "28d"
    fresh_every: str = "15min"


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """`[costs]`: `price_book` is a TOML file beside pressroom.toml, or a folder of them, each in force from its day;
    empty means the laptop's book that is built in. `usd_per_point` is what a point of quality is worth here: a model is
    promoted if it brings more than it costs, to train and for `answers` answers ("0": nothing is declared).
    """

    price_book: str = ""
    usd_per_point: str = "0"
    answers: int = 1_000_000

    def worth_of_a_point(self) -> float:
        """Dollars. Raises BadSettings."""
        with suppress(ValueError):
            usd = float(self.usd_per_point)
            if 0.0 <= usd < float("inf"):
                return usd
        raise BadSettings(
            f"costs.usd_per_point is {self.usd_per_point!r}.", next_step='It must be dollars, as text: "2.50".'
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRoom:
    """`[training]`: answers that would take more than `memory` ("4GB", "512MB") are worked out by buckets, through
    files in `scratch`, a folder beside pressroom.toml (empty: one in `data`); all workers must see it under that path.
    """

    memory: str = "4GB"
    scratch: str = ""

    def memory_bytes(self) -> int:
        """The limit in bytes. Raises BadSettings."""
        size = 0
        with suppress(InvalidInput):
            size = parse_size(self.memory)
        if size < _LEAST_BYTES:
            raise BadSettings(f"training.memory is {self.memory!r}.", next_step='Write "4GB" or so, 500MB or more.')
        return size


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """`[workers]`: who works on buckets. This process alone; or so many `processes` of this machine; or the Ray cluster
    at the address `ray` ("auto", "ray://host:10001"), whose nodes run this version of Pressroom.
    """

    processes: int = 1
    ray: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """`[models]`: `allowed_types` are dotted names of types that models kept by skops or Keras may be made of, beyond
    those libraries' own; in the environment, with commas between. Code runs isolated with at most `memory_bytes` and
    `request_s` seconds a request, and where this machine can't keep it from the network or from your files only if
    `half_fenced` is true.
    """

    allowed_types: tuple[str, ...] = ()
    half_fenced: bool = False
    memory_bytes: int = 4_294_967_296
    request_s: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. `[policy.labels]` maps a label to the purposes that data with it may be used for."""

    folder: Path
    project: Project = field(default_factory=Project)
    server: Server = field(default_factory=Server)
    control: Control = field(default_factory=Control)
    upkeep: Upkeep = field(default_factory=Upkeep)
    costs: Costs = field(default_factory=Costs)
    training: TrainingRoom = field(default_factory=TrainingRoom)
    workers: Working = field(default_factory=Working)
    executors: Executing = field(default_factory=Executing)
    models: ModelSettings = field(default_factory=ModelSettings)
    schedules: Scheduling = field(default_factory=Scheduling)
    notices: Telling = field(default_factory=Telling)
    machine: MachineSettings = field(default_factory=MachineSettings)
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
        server=_section(Server(traces=_collector(variables)), told, "server", variables),
        control=_section(Control(), told, "control", variables),
        upkeep=_durations(_section(Upkeep(), told, "upkeep", variables)),
        costs=_section(Costs(), told, "costs", variables),
        training=_section(TrainingRoom(), told, "training", variables),
        workers=_section(Working(), told, "workers", variables),
        executors=_section(Executing(), told, "executors", variables),
        models=_section(ModelSettings(), told, "models", variables),
        schedules=_section(Scheduling(), told, "schedules", variables),
        notices=_section(Telling(), told, "notices", variables),
        machine=read_machine(told),
        rules=_rules(told),
    )


Section = TypeVar(
    "Section",
    bound=Project
    | Server
    | Control
    | Upkeep
    | Costs
    | ModelSettings
    | TrainingRoom
    | Working
    | Executing
    | Scheduling
    | Telling,
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


def _check_tls(section: str, certificate: str, key: str) -> None:
    if bool(certificate) != bool(key):
        raise BadSettings(
            f"{section}.tls_cert and {section}.tls_key go together.", next_step="Name both files, or neither."
        )


def _collector(variables: Mapping[str, str]) -> str:
    """Where the environment says that spans go, in OpenTelemetry's own words; empty: nowhere."""
    told = variables.get("OTEL_EXPORTER_OTLP_ENDPOINT", "")
    return variables.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or (f"{told.rstrip('/')}/v1/traces" if told else "")


def _durations(upkeep: Upkeep) -> Upkeep:
    """The same, if all of it can be read as durations."""
    for entry in fields(upkeep):
        text = getattr(upkeep, entry.name)
        try:
            if text != NEVER or entry.name in _KEPT:
                parse_duration(text)
        except InvalidInput as error:
            more = "" if entry.name in _KEPT else f' Or "{NEVER}".'
            raise BadSettings(f"upkeep.{entry.name} is {text!r}.", next_step=f"{error.next_step}{more}") from error
    return upkeep


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
    if kind is float and not isinstance(value, bool):
        with suppress(ValueError, TypeError):
            return float(value)  # pyright: ignore[reportArgumentType]
    if kind is tuple and isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if kind is tuple and isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    if type(value) is not kind:
        raise BadSettings(f"{place} is {value!r}.", next_step=f"It must be {_WORDS[kind]}.")
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
