"""The documentation: its links lead somewhere, its commands exist, its Python runs."""

import re
import shlex
from pathlib import Path

import pytest

from experiments import cli

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)


def named(path):
    return str(path.relative_to(ROOT))


def blocks(page, language):
    return [body for found, body in FENCED.findall(page.read_text(encoding="utf-8")) if found == language]


def commands(page):
    """Yield the words after `parity` of every command shown on lines of their own."""
    for body in blocks(page, "") + blocks(page, "sh"):
        for line in body.splitlines():
            shown = re.fullmatch(r"\s*(?:\S*/)?parity (.*)", line.split("#")[0].split(">")[0])
            if shown and "[" not in shown[1]:
                yield shlex.split(shown[1])


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page):
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    missing = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
    assert missing == []


@pytest.mark.parametrize("page", [p for p in PAGES if list(commands(p))], ids=named)
def test_every_command_shown_exists_with_its_options(page, capsys):
    for words in commands(page):
        with pytest.raises(SystemExit) as leaving:
            cli.main([*words, "--help"])
        assert leaving.value.code in (0, None), f"parity {shlex.join(words)}: {capsys.readouterr().err}"


def test_a_command_that_does_not_exist_would_be_found(capsys):
    with pytest.raises(SystemExit) as leaving:
        cli.main(["size", "--county", "lsc", "--help"])
    assert leaving.value.code == 2
    assert "--county" in capsys.readouterr().err


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "python")], ids=named)
def test_the_python_of_a_page_runs_from_top_to_bottom(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "page"}
    for body in blocks(page, "python"):
        exec(compile(body, str(page), "exec"), namespace)
