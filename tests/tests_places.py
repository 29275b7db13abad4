"""Where the tests' pathway files are."""

from pathlib import Path

EXAMPLES = Path(__file__).parent / "examples"
THEORY = Path(__file__).parent / "theory"
