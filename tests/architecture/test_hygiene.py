"""The checkout is clean: no address of a package index, every requirement hashed, linters and type checker content."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ADDRESSES = re.compile(
    "|".join([r"pypi\.(?=org)", "python" + "hosted", r"files\.(?=python)", "(?<!emit-)index[-_](?=url)", "npm" + "js",
              r"debian\.(?=org)"]),
    re.IGNORECASE,
)  # fmt: skip
"""Where packages come from is the machine's business; `--no-emit-index…`, which leaves it out, may stand."""


@pytest.fixture
def committed(checkout: Path) -> list[Path]:
    """Every file that git tracks or is about to."""
    if not (checkout / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True).stdout
    return [path for name in listing.split("\0") if name and (path := checkout / name).is_file()]


def addresses(text: str) -> list[int]:
    """The lines of `text` that name a package index."""
    return [number for number, line in enumerate(text.splitlines(), 1) if ADDRESSES.search(line)]


def unhashed(requirements: str) -> list[str]:
    """The entries of a requirements file that are not a version pinned with a hash; also any option."""
    entries = requirements.replace("\\\n", " ").splitlines()
    wanted = [entry.strip() for entry in entries if entry.strip() and not entry.lstrip().startswith("#")]
    return [entry for entry in wanted if not re.match(r"[\w.\-\[\],]+==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)]


def run(checkout: Path, *module: str) -> None:
    """Run a module of this environment in the checkout; fail with what it said."""
    result = subprocess.run([sys.executable, "-m", *module], cwd=checkout, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def ours(checkout: Path) -> list[str]:
    """The folders of our own Python."""
    return [folder for folder in ("src", "tests", "benchmarks") if (checkout / folder).is_dir()]


def test_no_file_names_a_package_index(checkout, committed):
    faults = [
        f"{path.relative_to(checkout)}:{line}"
        for path in committed
        for line in addresses(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("end", ["org", "org/simple"])
def test_an_address_is_found_where_there_is_one(end):
    text = f"fine\nhttps://pypi.{end}\n--index-{'url'} x\n--no-emit-index-{'url'}\ndeb.debian.{end}\n"
    assert addresses(text) == [2, 3, 5]


def test_every_requirement_is_pinned_with_a_hash(checkout):
    files = sorted((checkout / "requirements").glob("*.txt"))
    faults = [f"{file.name}: {entry}" for file in files for entry in unhashed(file.read_text(encoding="utf-8"))]
    assert files
    assert not faults, "\n".join(faults)


def test_a_requirement_without_a_hash_is_found():
    digest = "0" * 64
    text = f"a==1 \\\n    --hash=sha256:{digest}\nb==1\nc>=1 --hash=sha256:{digest}\n# d\n--pre\n"
    assert unhashed(text) == ["b==1", f"c>=1 --hash=sha256:{digest}", "--pre"]


def test_ruff_finds_nothing(checkout):
    run(checkout, "ruff", "check", *ours(checkout))


def test_ruff_would_format_nothing(checkout):
    run(checkout, "ruff", "format", "--check", *ours(checkout))


def test_the_types_are_right(checkout):
    run(checkout, "basedpyright", "--pythonpath", sys.executable, "src")
