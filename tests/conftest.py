"""What all tests share: where the repository is, and its examples."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of stand-alone pathway files with a known theory in their headers."""
    return ROOT / "tests" / "examples"
