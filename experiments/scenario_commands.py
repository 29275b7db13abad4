"""`parity scenario`: its commands and their options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments import sweep_command
from experiments.console import answer, emit_json
from experiments.options import Json, ScenarioFile

app = typer.Typer(no_args_is_help=True, help="Scenario files: their schema, and whether one is right.")
app.command("sweep", epilog=sweep_command.EXAMPLE)(sweep_command.scenario_sweep)


@app.command("schema", epilog="parity scenario schema > scenario.schema.json")
def scenario_schema() -> None:
    """Print the JSON Schema of scenario files."""
    from experiments import scenario

    emit_json(scenario.json_schema())


@app.command("check", epilog="parity scenario check mine.toml")
def scenario_check(file: Annotated[Path, typer.Argument(help="Scenario file (TOML).")], json: Json = False) -> None:
    """Check a scenario file; says what is wrong, where, and what was probably meant."""
    from experiments import scenario

    read = scenario.read(file)
    document = {"file": file, "name": read.name, "right": True}
    answer(document, lambda d: [f"{d['file']}: right ({d['name']})"], json)


@app.command("list", epilog="parity scenario list")
def scenario_list(json: Json = False) -> None:
    """List the built-in scenarios: what each is, and what it extends."""
    from experiments import scenario

    document = {"scenarios": scenario.presets()}
    answer(document, lambda d: [f"{one['name']}: {one['title']}" for one in d["scenarios"]], json)


@app.command(
    "draw",
    epilog="parity scenario draw core24-everywhere\n\n"
    "parity scenario draw mine.toml --pathway crisis --out pictures --json",
)
def scenario_draw(
    file: Annotated[Path, typer.Argument(metavar="SCENARIO", help="Scenario file, or a built-in scenario.")],
    pathway: Annotated[str | None, typer.Option(help="The one pathway to draw. Default: all that differ.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the pictures (.svg and .png). Default: here.")] = None,
    json: Json = False,
) -> None:
    """Draw what a scenario makes of its parent's pathways: what is new, gone and changed, and from which day."""
    from experiments import scenario_difference

    answer(scenario_difference.draw(file, pathway, out), scenario_difference.tables, json)


@app.command("show", epilog="parity scenario show\n\nparity scenario show mine.toml")
def scenario_show(file: ScenarioFile = None) -> None:
    """Print a scenario with every default filled in (JSON)."""
    from experiments import scenario

    emit_json(scenario.read(file).model_dump(mode="json"))
