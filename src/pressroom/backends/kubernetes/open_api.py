"""Which cluster is meant, by a word of the settings."""

from pathlib import Path

from pressroom.backends.kubernetes.access import access_in_config, access_in_pod
from pressroom.backends.kubernetes.api import Api


def open_api(word: str, *, token: str, authority: str, config: Path, namespace: str) -> tuple[Api | None, str]:
    """The API that `word` means, and the namespace: the one that is given, else that of the kubeconfig or the pod.

    A word is an address, "kubeconfig" (of the file `config`) with a context after a colon, or "pod"; none for an empty
    one. Raises BackendError.
    """
    kind, _, context = word.partition(":")
    if kind not in ("kubeconfig", "pod"):
        return (Api(word, token=token, authority=authority) if word else None), namespace or "default"
    access = access_in_pod() if kind == "pod" else access_in_config(config, context)
    return Api(access.url, access=access), namespace or access.namespace or "default"
