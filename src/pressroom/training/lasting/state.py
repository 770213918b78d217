"""The state of a training: named parts, each kept by the adapter of its framework, or as plain data."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from pressroom.models import Resumes, adapter_of_kind, resumes
from pressroom.training.errors import BadTraining
from pressroom.training.lasting.plain import copy_plain, plain_of
from pressroom.values import digest_parts

_PLAIN = "plain"


class State(SimpleNamespace):
    """What training changes, by name. Reach parts through it where they may be replaced (`state.booster = ...`)."""

    __slots__ = ("_adapters",)

    def __init__(self, **parts: Any) -> None:
        """Take the parts; which adapter keeps a type is looked up once."""
        super().__init__(**parts)
        self._adapters: dict[type, Resumes | None] = {}

    def copied(self) -> Callable[[], dict[str, bytes]]:
        """A copy of all parts, taken now; what is returned makes files of it. Raises BadTraining, UnsupportedModel."""
        made = {name: self._copy(name, part) for name, part in vars(self).items()}

        def files() -> dict[str, bytes]:
            return {
                f"{name}/{kind}/{file}": content
                for name, (kind, make) in made.items()
                for file, content in make().items()
            }

        return files

    def restore(self, files: Mapping[str, bytes]) -> None:
        """Put every part back, in place where that can be done. Raises BadTraining where the parts are others."""
        parts: dict[str, tuple[str, dict[str, bytes]]] = {}
        for path, content in files.items():
            name, kind, file = path.split("/", 2)
            parts.setdefault(name, (kind, {}))[1][file] = content
        if set(parts) != set(vars(self)):
            raise BadTraining(
                f"The checkpoint holds {', '.join(sorted(parts))}; this training has {', '.join(sorted(vars(self)))}.",
                next_step="Give the parts that were saved, or train from the start in another folder.",
            )
        for name, (kind, content) in parts.items():
            setattr(self, name, _recalled(kind, getattr(self, name), content))

    def digest(self) -> str:
        """Its identity: equal states have equal digests, and two trainings that went the same way do."""
        files = self.copied()()
        return digest_parts(part for name in sorted(files) for part in (name, files[name]))

    def _copy(self, name: str, part: object) -> tuple[str, Callable[[], dict[str, bytes]]]:
        if type(part) not in self._adapters:
            self._adapters[type(part)] = resumes(part)
        adapter = self._adapters[type(part)]
        if adapter is not None:
            return adapter.kind, adapter.remember(part)
        return _PLAIN, copy_plain(part, what=f"state.{name}")


def _recalled(kind: str, now: Any, files: Mapping[str, bytes]) -> Any:
    if kind == _PLAIN:
        return plain_of(files, now)
    adapter = adapter_of_kind(kind)
    if not isinstance(adapter, Resumes):
        raise BadTraining(f"The adapter {kind!r} takes up no training.", next_step="Install the version that saved it.")
    return adapter.recall(now, files)
