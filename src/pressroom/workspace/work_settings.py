"""Settings of work in steps: where steps run, which flows run by themselves, and how owners are told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduling:
    """`[schedules]`: `files` are Python files beside pressroom.toml whose flows have schedules, beside those of the
    project's definitions; no more than `at_once` flows are run by schedule at the same time.
    """

    files: tuple[str, ...] = ()
    at_once: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """`[notices]`: how owners are told of what failed. Always in the file data/notices.jsonl and by whoever looks; and
    by POST to the address `webhook`, if one is given (better in PRESSROOM_NOTICES_WEBHOOK, if it holds a secret).
    """

    webhook: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Executing:
    """`[executors]`: where steps run. `use` is the executor of those that name none: "process", or "inline", "sandbox",
    "container", "ray", "kubernetes". `environment` are the variables that an isolated step is told.

    `image` is the container's, by digest, for steps that name none; `engine` "podman" or "docker" (empty: what is
    there), with more words for it in `engine_words` and for its run in `run_words`. `ray` is the cluster's address.
    `kubernetes` is the API's address, with the file `token` and the authority's certificate `authority`; or
    "kubeconfig" ($KUBECONFIG, or kubectl's own; "kubeconfig:NAME" for another than the current context), or "pod", for
    the service account of the pod that this runs in. `namespace` is theirs or default, if it is empty; `queue` and
    `priority` (of Kueue), `tolerations` ("KEY" or "KEY=VALUE") and `volume`, the claim under which all pods see this
    workspace at its path. With `ray_workers` an attempt is a RayJob with so many workers.
    """

    use: str = "process"
    environment: tuple[str, ...] = ()
    image: str = ""
    engine: str = ""
    engine_words: tuple[str, ...] = ()
    run_words: tuple[str, ...] = ()
    ray: str = ""
    kubernetes: str = ""
    namespace: str = ""
    token: str = ""
    authority: str = ""
    queue: str = ""
    priority: str = ""
    tolerations: tuple[str, ...] = ()
    ray_workers: int = 0
    volume: str = ""
