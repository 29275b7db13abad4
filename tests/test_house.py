"""The house: dependency arrows, one home for each heavy library, nothing of one machine in the files."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

OURS = ("abm", "kernels", "pathways", "experiments", "cluster")
PLACES = re.compile(
    r"/(?:work|home|root|Users|tmp)/\w|\b(?:find-links|(?:extra-)?index-url)\b|\bpypi\.org|files\.pythonhosted"
)
"""Folders of one machine, and addresses packages come from."""


def files_of_the_house(root):
    """Yield the text files that are ours, by folder, so that a clone without git can be checked too."""
    for name in (*OURS, "tests", "docs", ".ci"):
        yield from (path for path in (root / name).rglob("*") if path.is_file())
    yield from (path for path in root.iterdir() if path.is_file())


def lint_imports(folder):
    command = [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_dependency_arrows_hold(root):
    outcome = lint_imports(root)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    ("package", "line", "contract"),
    [
        ("kernels", "import abm", "experiments → abm"),
        ("kernels", "import pathways", "experiments → abm"),
        ("cluster", "import abm", "cluster imports none of ours"),
        ("abm", "import cluster", "only experiments.workers joins the cluster"),
        ("abm", "import numba", "numba lives in kernels"),
        ("experiments", "import networkx", "networkx lives in pathways"),
        ("pathways", "import mesa", "mesa lives in abm"),
        ("experiments", "import distributed", "dask lives in cluster"),
        ("abm", "import rich", "screens, workbooks and charts"),
    ],
)
def test_an_arrow_that_points_the_wrong_way_is_found(root, tmp_path, package, line, contract):
    (tmp_path / "pyproject.toml").write_bytes((root / "pyproject.toml").read_bytes())
    for name in OURS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / package / "wrong.py").write_text(line + "\n", encoding="utf-8")
    outcome = lint_imports(tmp_path)
    assert outcome.returncode == 1
    assert re.search(re.escape(contract) + ".* BROKEN", outcome.stdout)


def test_no_file_names_a_folder_of_one_machine_or_a_registry(root):
    found = []
    for path in files_of_the_house(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path != Path(__file__):
            found += [f"{path.relative_to(root)}: {match[0]}" for match in PLACES.finditer(text)]
    assert found == []


@pytest.mark.parametrize("line", ["see /home/ann/x.csv", "--find-links wheels", "https://pypi.org/"])
def test_a_folder_of_one_machine_would_be_found(line):
    assert PLACES.search(line)


@pytest.mark.parametrize(("lock", "least"), [("requirements.lock", 50), ("requirements-bench.lock", 10)])
def test_the_lock_has_versions_and_no_addresses(root, lock, least):
    lines = (root / lock).read_text(encoding="utf-8").splitlines()
    assert len(lines) > least
    for line in lines:
        assert re.fullmatch(r"[a-z0-9-]+==\S+( ; .+)?", line), line


def test_the_lock_of_the_rivals_adds_and_changes_nothing(root):
    locks = [(root / name).read_text(encoding="utf-8") for name in ("requirements.lock", "requirements-bench.lock")]
    own, rivals = (set(re.findall(r"^([a-z0-9-]+)==", lock, re.M)) for lock in locks)
    assert not own & rivals
    assert {"starsim", "laser-core"} <= rivals


def test_the_lock_holds_every_declared_library(root):
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.match(r"[A-Za-z0-9-]+", requirement)[0].lower() for requirement in declared}
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", (root / "requirements.lock").read_text(), re.M))
    assert names <= locked.keys()
    assert locked["mesa"] == "3.5.1"


def test_the_project_is_marked_not_for_upload(root):
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "Private :: Do Not Upload" in project["classifiers"]
    assert project["name"] not in OURS


def test_the_checks_run_what_the_readme_names(root):
    run = root / ".ci" / "run"
    assert re.search(r"^make test$", run.read_text(encoding="utf-8"), re.M)
    assert run.stat().st_mode & 0o111
    assert re.search(r"^make test\b", (root / "README.md").read_text(encoding="utf-8"), re.M)


def test_every_package_says_what_it_is_in_a_line(root):
    for name in OURS:
        first = (root / name / "__init__.py").read_text(encoding="utf-8").splitlines()[0]
        assert re.fullmatch(r'"""[A-Z].*\."""', first), name


def test_no_module_is_a_drawer_for_everything(root):
    forbidden = {"utils.py", "helpers.py", "core.py", "base.py", "common.py", "misc.py"} | {
        f"{name}.py" for name in sys.stdlib_module_names
    }
    # A module inside a package does not hide the standard library's, but it is confusing to read.
    names = {path.name for package in OURS for path in (root / package).rglob("*.py")}
    assert not (names & forbidden) - {"__init__.py"}
