"""The demo's workspace: a folder of its own, made anew for every run."""

import shutil
from importlib import resources
from pathlib import Path

from pressroom.demo.errors import NotOurFolder

_MARK = "# Made by `pressroom demo`, which replaces this folder when it runs again."
_SETTINGS = f"""{_MARK}
[project]
definitions = "definitions.py"

[server]
replay = true    # requests may say as of when they ask: the past is played again here
"""


def make_folder(folder: Path) -> Path:
    """An empty workspace at `folder`; an earlier demo's is replaced, anything else refused."""
    settings = folder / "pressroom.toml"
    if folder.exists() and any(folder.iterdir()):
        if not settings.is_file() or not settings.read_text(encoding="utf-8").startswith(_MARK):
            raise NotOurFolder(f"{folder} is not empty, and no earlier demo's.", next_step="Name another with --dir.")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    settings.write_text(_SETTINGS, encoding="utf-8")
    definitions = resources.files("pressroom.demo").joinpath("definitions.py").read_text(encoding="utf-8")
    (folder / "definitions.py").write_text(definitions, encoding="utf-8")
    return folder
