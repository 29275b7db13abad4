"""The people on paper: one self-contained page, pictures, and tables that say what is beyond 2 %."""

import json

import pytest

from experiments import population_report
from experiments.console import plain


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    return population_report.report("lsc", 1, tmp_path_factory.mktemp("people"))


def test_the_page_needs_nothing_from_elsewhere(document):
    page = next(path for path in document["files"] if path.endswith(".html"))
    with open(page, encoding="utf-8") as file:
        text = file.read()
    assert "1,676,681 residents" in text
    assert "http" not in text.split("<h2>margins</h2>")[0]
    assert text.count("data:image/png;base64,") == 5


def test_the_document_is_json(document):
    again = json.loads(json.dumps(plain(document), allow_nan=False))
    assert again["residents"] == 1_676_681
    assert set(again["by_system"]["depression"]) == set(again["pyramids"])


def test_the_tables_name_every_margin_beyond_2_percent(document):
    *_, last = population_report.tables(document)
    beyond = [row for row in document["beyond_2_percent"] if row["kind"] == "used"]
    assert last.row_count == len(beyond)
    assert f"{len(beyond)} of {len(document['margins'])}" in str(last.title)
