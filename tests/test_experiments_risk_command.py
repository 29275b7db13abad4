"""`parity risk` as it is typed: what it refuses, and the files it leaves."""

import pandas as pd
import pytest
from gap_by_hand import PRESENT, parts, wanted
from openpyxl import load_workbook
from test_experiments_risk_analysis import INPUTS, MITIGATIONS, REGISTER

from cluster.pool import Pool
from experiments import cli
from experiments.risk import inputs, mitigations, register, results, run


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--area", "lcs"], "did you mean 'lsc'"),
        (["--budget", "soon"], "--budget"),
        (["--points", "3"], "--points"),
        (["--scheduler", "locl"], "Did you mean 'local'"),
        (["--inputs", "none.toml"], "none.toml"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(words, said, capsys):
    with pytest.raises(SystemExit) as leaving:
        cli.main(["risk", *words])
    assert leaving.value.code == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_misspelt_driver_in_a_register_of_ones_own_leaves_with_2(tmp_path, capsys):
    file = tmp_path / "mine.csv"
    file.write_text(register.TABLE.read_text().replace(",retention,", ",retenton,"), encoding="utf-8")
    with pytest.raises(SystemExit) as leaving:
        cli.main(["risk", "--register", str(file)])
    assert leaving.value.code == 2
    assert "did you mean 'retention'" in " ".join(capsys.readouterr().err.split())


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("risk")
    for name, content in (("inputs.toml", INPUTS), ("mitigations.toml", MITIGATIONS), ("register.csv", REGISTER)):
        (folder / name).write_text(content, encoding="utf-8")
    read = inputs.read(PRESENT, folder / "inputs.toml")
    tables = run.Tables(
        parts(), read, register.read([one.name for one in read.inputs], folder / "register.csv"), register.bands(),
        mitigations.read(PRESENT, folder / "mitigations.toml"),
    )  # fmt: skip
    document = run.risk(wanted(points=32), tables, Pool.inline(), folder / "out", identity=lambda: "test")
    return document, results.write(document, folder / "out")


def test_page_workbook_and_parquet_hold_the_same_numbers(written):
    document, paths = written
    names = {path.name for path in paths}
    assert {"risk.html", "risk.xlsx", "risk_percentiles.parquet", "risk_questions.parquet"} <= names
    folder = paths[0].parent
    stored = pd.read_parquet(folder / "risk_percentiles.parquet")
    assert list(stored["value"]) == [row["value"] for row in document["percentiles"]]
    sheet = load_workbook(folder / "risk.xlsx", read_only=True)["Questions"]
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[rows[0].index("question")] for row in rows[1:]] == [row["question"] for row in document["questions"]]
    html = (folder / "risk.html").read_text()
    for row in document["questions"]:
        assert row["question"] in html
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "")


def test_the_document_is_plain_enough_for_json(written, capsys):
    from experiments.console import emit_json

    emit_json(written[0])
    assert '"questions"' in capsys.readouterr().out
