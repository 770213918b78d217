"""Which executors there are, by name, each put together from the settings."""

import os
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from pressroom.backends.memory.executor import InlineExecutor
from pressroom.backends.process.executor import ProcessExecutor
from pressroom.backends.process.sandbox import WAYS, SandboxExecutor
from pressroom.backends.process.walls import Way
from pressroom.facts import did_you_mean
from pressroom.flows import PREPARE, Places
from pressroom.models import bare_environment, bubblewrap_command, visible_folders
from pressroom.ports import Abilities, BackendError, Executor
from pressroom.workspace.errors import BadSettings
from pressroom.workspace.settings import Settings

_INTERPRETER = ("/etc/ssl", "/etc/localtime")
_THREADS = "_NUM_THREADS"

Making = Callable[[Settings, str], Executor]
"""An executor for the steps of a flow's file."""


def places_of(settings: Settings) -> Places:
    """Where steps may run. Raises BadSettings where the usual executor is none."""
    _making(settings.executors.use, "executors.use is")
    return Places(
        start=partial(executor_of, settings), abilities=partial(abilities_of, settings), usual=settings.executors.use
    )


def executor_of(settings: Settings, name: str, file: str) -> Executor:
    """The executor of a name, for the steps of a flow's file; nothing is started yet. Raises BadSettings."""
    return _making(name, "A step runs in")(settings, file)


def abilities_of(settings: Settings) -> Sequence[Abilities]:
    """What each of them can do here."""
    found: list[Abilities] = []
    for make in MAKING.values():
        executor = make(settings, "")
        try:
            found.append(executor.abilities)
        finally:
            executor.close()
    return found


def sandbox_of(
    file: str, *, prepare: str = PREPARE, ways: tuple[Way, ...] = WAYS, told: Sequence[str] = ()
) -> SandboxExecutor:
    """Processes of this machine that see Python, its libraries and what is declared; `told` are the variables of this
    process's environment that they get.
    """
    bubblewrap = shutil.which("bwrap")
    shows = tuple(path for path in (*visible_folders(), *_INTERPRETER) if os.path.exists(path))
    environment = {name: value for name, value in bare_environment().items() if not name.endswith(_THREADS)}
    return SandboxExecutor(
        prepare=prepare,
        about=file,
        shows=shows,
        environment={**environment, **{name: os.environ[name] for name in told if name in os.environ}},
        bubblewrap=() if bubblewrap is None else bubblewrap_command(bubblewrap, shows),
        ways=ways,
    )


def _inline(settings: Settings, file: str) -> Executor:
    return InlineExecutor()


def _process(settings: Settings, file: str) -> Executor:
    return ProcessExecutor(prepare=PREPARE, about=file)


def _sandbox(settings: Settings, file: str) -> Executor:
    return sandbox_of(file, told=settings.executors.environment)


def _container(settings: Settings, file: str) -> Executor:
    from pressroom.backends.container.executor import ContainerExecutor
    from pressroom.backends.container.words import find_engine

    told = settings.executors
    return ContainerExecutor(
        engine=find_engine(told.engine, told.engine_words),
        image=told.image,
        more=told.run_words,
        environment={name: os.environ[name] for name in told.environment if name in os.environ},
    )


def _ray(settings: Settings, file: str) -> Executor:
    from pressroom.backends.ray.executor import RayExecutor

    return RayExecutor(settings.executors.ray)


def _kubernetes(settings: Settings, file: str) -> Executor:
    from pressroom.backends.kubernetes.executor import KubernetesExecutor
    from pressroom.backends.kubernetes.manifest import Cluster, Toleration
    from pressroom.backends.kubernetes.open_api import open_api

    told = settings.executors
    try:
        api, namespace = open_api(
            told.kubernetes, token=told.token, authority=told.authority, config=_kubeconfig(), namespace=told.namespace
        )
    except BackendError as error:
        api, namespace, against = None, told.namespace, f"{error.message} {error.next_step}"
    else:
        against = "[executors] kubernetes and volume name no cluster and no volume"
    cluster = Cluster(
        namespace=namespace,
        volume=told.volume,
        folder=str(settings.folder),
        image=told.image,
        queue=told.queue,
        priority=told.priority,
        tolerations=tuple(
            Toleration(key=key, value=value) for key, _, value in (each.partition("=") for each in told.tolerations)
        ),
        ray_workers=told.ray_workers,
    )
    return KubernetesExecutor(api=api if told.volume else None, cluster=cluster, against=against)


def _kubeconfig() -> Path:
    """Where kubectl looks first."""
    named = os.environ.get("KUBECONFIG", "").split(os.pathsep)[0]
    return Path(named) if named else Path.home() / ".kube" / "config"


MAKING: dict[str, Making] = {
    "inline": _inline,
    "process": _process,
    "sandbox": _sandbox,
    "container": _container,
    "ray": _ray,
    "kubernetes": _kubernetes,
}


def _making(name: str, words: str) -> Making:
    if name not in MAKING:
        raise BadSettings(f"{words} {name!r}, which is no executor.", next_step=did_you_mean(name, MAKING))
    return MAKING[name]
