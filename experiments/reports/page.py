"""A page of sections as HTML that needs nothing from outside, and how it and its tables are written, whole or not."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2
import pandas as pd
from markupsafe import Markup

from experiments.reports.blocks import Section

HERE = Path(__file__).resolve().parent


def rendered(
    sections: Sequence[Section], *, title: str, kind: str, heading: str, scenario: str = "", numbers_in: str,
    style: str = "",
) -> str:  # fmt: skip
    """Return the page.

    Parameters
    ----------
    title : of the browser's window; `kind`: a line above the heading; `scenario`: a line below it
    numbers_in : the file that holds all numbers of the page
    style : rules of its own, after those that all pages share
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html").render(
        title=title, kind=kind, heading=heading, scenario=scenario, numbers_in=numbers_in,
        style=Markup((HERE / "report.css").read_text(encoding="utf-8") + style), drawn=Markup, sections=sections,
    )  # fmt: skip


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there: a reader never sees half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_all(out: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Write files by name into a folder, made if need be; return them."""
    out.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        write_whole(out / name, content)
    return [out / name for name in contents]


def as_parquet(frame: pd.DataFrame) -> bytes:
    """Return a table as Parquet, without its index; half-widths that nobody knows are null among numbers."""
    table = io.BytesIO()
    unknown = {name: float for name in frame if str(name).endswith("half_width") and frame[name].isna().all()}
    frame.astype(unknown).to_parquet(table, index=False)
    return table.getvalue()
