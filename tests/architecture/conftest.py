"""What the architecture's checks look at: the checkout, and its Python files as syntax trees."""

import ast
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder of the repository."""
    return CHECKOUT


@pytest.fixture(scope="session")
def house() -> dict[Path, ast.Module]:
    """Every Python file of the package, by its path below `src`."""
    source = CHECKOUT / "src"
    return {path.relative_to(source): _tree(path) for path in sorted(source.rglob("*.py"))}


@pytest.fixture(scope="session")
def everything() -> dict[Path, ast.Module]:
    """Every Python file of the checkout that we wrote, by its path."""
    folders = ("src", "tests", "benchmarks")
    paths = [path for folder in folders for path in sorted((CHECKOUT / folder).rglob("*.py"))]
    return {path.relative_to(CHECKOUT): _tree(path) for path in paths}


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
