"""The workbook read back: what it holds adds up, and its formulas give what they show."""

import io

import openpyxl
import pytest
import reports_material

from experiments.planning.establishment import working_times
from experiments.reports import workbook
from experiments.reports.material import Material

SHEETS = [
    "Summary", "Sizing", "Targets", "Establishment", "Working time", "Clocks", "Waits", "Flows", "Uncertainty",
    "Parameter ranges", "Staffing curves", "Audit trail", "Assumptions", "Rests on assumption", "About",
]  # fmt: skip


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    return reports_material.material(tmp_path_factory.getbasetemp() / "report")


@pytest.fixture(scope="module")
def content(material):
    return workbook.made(material)


@pytest.fixture(scope="module")
def values(content):
    return openpyxl.load_workbook(io.BytesIO(content), data_only=True)


@pytest.fixture(scope="module")
def formulas(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def rows_of(sheet, heading_row):
    """Return the rows below a heading as dictionaries."""
    rows = list(sheet.iter_rows(min_row=heading_row, values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_every_sheet_is_there_with_filters_and_a_frozen_heading(values):
    assert values.sheetnames == SHEETS
    for sheet in values:
        assert sheet.freeze_panes is not None
        assert sheet.auto_filter.ref or sheet.title == "Working time"


def test_the_summary_adds_up_to_the_document(material, values, formulas):
    rows = rows_of(values["Summary"], 2)
    wte = sum(row["simulated"] for row in rows if row["in"] == "WTE")
    expected = sum(row["simulated"] for row in material.document["comparison"] if row["measure"] == "wte")
    assert wte == pytest.approx(expected)
    assert values["Summary"].cell(len(rows) + 2, 10).value == pytest.approx(expected)
    assert formulas["Summary"].cell(len(rows) + 2, 10).value.startswith("=SUMIF(")


def test_posts_follow_from_people_on_shift(material, values, formulas):
    shown, live = values["Establishment"], formulas["Establishment"]
    rows = rows_of(shown, 3)[:-1]
    for k, row in enumerate(rows):
        gives = working_times()[row["role"]].available_hours
        assert row["WTE"] == pytest.approx(row["on shift together"] * row["hours a week of one"] / gives)
        assert live.cell(k + 4, 10).value == f"=IFERROR(H{k + 4}/I{k + 4},0)"
    total = shown.cell(len(rows) + 4, 10).value
    assert total == pytest.approx(sum(row["wte"] for row in material.document["totals"]))
    assert live.cell(len(rows) + 4, 10).value == f"=SUBTOTAL(9,J4:J{len(rows) + 3})"


def test_what_a_post_gives_is_what_its_formula_says(values, formulas):
    assert formulas["Working time"]["I2"].value == "=D2*(1-(E2+F2)/260)*(1-G2)*(1-H2)"
    for row in values["Working time"].iter_rows(min_row=2, values_only=True):
        contract, leave, study, sick, other, gives = row[3:9]
        assert contract * (1 - (leave + study) / 260) * (1 - sick) * (1 - other) == pytest.approx(gives)


def test_every_lever_and_every_decision_is_kept(material, values):
    rows = rows_of(values["Sizing"], 1)
    assert [row["sized"] for row in rows] == [
        lever["plan"] for unit in material.document["units"] for lever in unit["levers"]
    ]
    assert len(rows_of(values["Audit trail"], 1)) == len(material.document["audit"])
    assert len(rows_of(values["Staffing curves"], 1)) == len(material.document["curves"])


def test_flows_are_those_of_the_runs(material, values):
    rows = rows_of(values["Flows"], 2)
    for case in material.cases:
        kept = sum(row["people a year"] for row in rows if row["plan"] == case.name)
        assert kept == pytest.approx(case.tables["flows"]["count"].sum() * case.a_year)


def test_every_source_has_a_verdict(values):
    rows = rows_of(values["Assumptions"], 1)
    assert {row["rests on"] for row in rows} <= {"assumption", "partly assumption", "published", "no source given"}
    assert len(rows) > 300


def test_a_workbook_without_a_sizing_leaves_its_sheets_out(material):
    alone = workbook.made(Material(None, material.cases[1:], material.setting))
    names = openpyxl.load_workbook(io.BytesIO(alone)).sheetnames
    assert "Sizing" not in names
    assert {"Summary", "Clocks", "Waits", "Flows", "Assumptions", "About"} <= set(names)


def test_every_unit_has_its_share_with_uncertain_parameters(material, values):
    found = material.document["uncertainty"]
    rows = rows_of(values["Uncertainty"], 1)
    assert [row["met, uncertain"] for row in rows] == [unit["uncertain_met"] for unit in found["units"]]
    ranges = rows_of(values["Parameter ranges"], 1)
    assert {row["parameter"] for row in ranges} == {one["parameter"] for one in found["parameters"]}
    assert all(row["low"] < row["high"] and row["source"] for row in ranges)
