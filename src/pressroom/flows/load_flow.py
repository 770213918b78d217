"""A flow's file becomes a module, under the same name in whoever runs the flow and in whoever runs a step of it."""

import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType

from pressroom.facts import did_you_mean
from pressroom.flows.errors import BadFlow


def load_module(path: Path) -> ModuleType:
    """Run a flow's file, as `python FILE` would find its neighbours. Raises BadFlow with the file's own line."""
    path = path.resolve()
    name = path.stem
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    there = sys.modules.get(name)
    if there is not None and getattr(there, "__file__", None) == str(path):
        return there
    if there is not None or not path.is_file():
        raise BadFlow(
            f"{path.name} can't be a flow's file: {'a module of that name is there' if there else 'it is missing'}.",
            next_step="Name a file that is there, and call it otherwise than the libraries that it uses.",
        )
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BadFlow(f"{path.name} is no Python file.", next_step="Name a file that ends in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        # Compiled here, for an import would take yesterday's bytecode of a file that was changed within a second.
        exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)
    except Exception as error:
        del sys.modules[name]
        frames = reversed(traceback.extract_tb(error.__traceback__))
        line = next((frame.lineno for frame in frames if frame.filename == str(path)), getattr(error, "lineno", 0))
        raise BadFlow(
            f"{path.name}, line {line}: {type(error).__name__}: {error}", next_step="Mend that line."
        ) from error
    return module


def find_in(module: ModuleType, name: str) -> object:
    """Something at the top of a module, by its name. Raises BadFlow with the nearest name."""
    if not hasattr(module, name):
        raise BadFlow(f"{module.__name__} has no {name!r}.", next_step=did_you_mean(name, vars(module)))
    return getattr(module, name)
