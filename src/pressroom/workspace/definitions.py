"""Definitions: what a project declares, gathered from its Python file. Loading it changes nothing."""

import sys
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from pressroom.experiments import ExperimentDefinition
from pressroom.facts import Fact, did_you_mean
from pressroom.features import FeatureView, View
from pressroom.serving import EndpointDefinition
from pressroom.training import TrainingSetDefinition
from pressroom.values import FactSchema, NotFound
from pressroom.workspace.errors import BadDefinitions

Named = TypeVar("Named", FactSchema, View, TrainingSetDefinition, EndpointDefinition, ExperimentDefinition)

_MODULE = "pressroom_definitions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """Everything a project declares, by name."""

    facts: Mapping[str, FactSchema]
    views: Mapping[str, View]
    training_sets: Mapping[str, TrainingSetDefinition]
    endpoints: Mapping[str, EndpointDefinition]
    experiments: Mapping[str, ExperimentDefinition]

    def training_set(self, name: str) -> TrainingSetDefinition:
        """The training set called so. Raises NotFound with the nearest name."""
        return _find(self.training_sets, name, "training set")

    def endpoint(self, name: str) -> EndpointDefinition:
        """The endpoint called so. Raises NotFound with the nearest name."""
        return _find(self.endpoints, name, "endpoint")

    def experiment(self, name: str) -> ExperimentDefinition:
        """The experiment called so. Raises NotFound with the nearest name."""
        return _find(self.experiments, name, "experiment")


def load_definitions(path: Path) -> Definitions:
    """Run a project's definitions file and gather what it declares. Raises BadDefinitions with the file's own line."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise BadDefinitions(
            f"There is no {path}.", next_step="Write it, or name another in [project] definitions."
        ) from error
    module = ModuleType(_MODULE)
    module.__file__ = str(path)
    sys.modules[_MODULE] = module
    try:
        # Compiled here, for an import would take yesterday's bytecode of a file that was changed within a second.
        exec(compile(source, str(path), "exec"), module.__dict__)
    except Exception as error:
        raise BadDefinitions(
            f"{path.name}, line {_line(error, path)}: {type(error).__name__}: {error}", next_step="Mend that line."
        ) from error
    return gather(module)


def gather(module: ModuleType) -> Definitions:
    """What a module declares: its own facts and views, and those that its training sets speak of."""
    return definitions_of(*vars(module).values())


def definitions_of(*things: object) -> Definitions:
    """Definitions given one by one: `definitions_of(Borrowed, Reader)`; whatever is no definition is passed over."""
    training_sets = _by_name(thing for thing in things if isinstance(thing, TrainingSetDefinition))
    kinds = [thing for thing in things if isinstance(thing, type) and thing not in (Fact, FeatureView)]
    facts = _by_name(kind.schema for kind in kinds if issubclass(kind, Fact))
    views = _by_name(kind.view for kind in kinds if issubclass(kind, FeatureView))
    for training_set in training_sets.values():
        for fact in (training_set.spine.fact, training_set.label.fact, *training_set.question.facts()):
            facts.setdefault(fact.name, fact)
        for bound in training_set.question.bound():
            views.setdefault(bound.view.name, bound.view)
    return Definitions(
        facts=facts,
        views=views,
        training_sets=training_sets,
        endpoints=_by_name(thing for thing in things if isinstance(thing, EndpointDefinition)),
        experiments=_by_name(thing for thing in things if isinstance(thing, ExperimentDefinition)),
    )


def _line(error: Exception, path: Path) -> int | None:
    """Where in the file it went wrong; what can't be read at all was never run."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno
    frames = reversed(traceback.extract_tb(error.__traceback__))
    return next((frame.lineno for frame in frames if frame.filename == str(path)), 0)


def _by_name(things: Iterable[Named]) -> dict[str, Named]:
    found: dict[str, Named] = {}
    for thing in things:
        if found.setdefault(thing.name, thing) is not thing:
            raise BadDefinitions(f"Two definitions are called {thing.name!r}.", next_step="Rename one of them.")
    return found


def _find(things: Mapping[str, Named], name: str, what: str) -> Named:
    if name not in things:
        raise NotFound(f"There is no {what} {name!r} in the definitions.", next_step=did_you_mean(name, things))
    return things[name]
