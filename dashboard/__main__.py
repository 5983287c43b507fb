"""`python -m dashboard`: serve the dashboard on this machine."""

import os
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from streamlit.web import cli

from data.command_line import HomeOption
from data.home import ENVIRONMENT_VARIABLE, Home

APP = Path(__file__).with_name("app.py")
DEFAULT_PORT = 8501
# What every page stands on, imported before anybody asks for one: else the first visitor waits for
# it. Components are not among it: Streamlit knows only those that are declared while it runs.
BEFOREHAND = ("dashboard.cached", "dashboard.charts.full")

app = typer.Typer(add_completion=False)


@app.command()
def serve(
    home: HomeOption = None,
    port: Annotated[
        int, typer.Option(min=1, max=65_535, envvar="PORT", help="Where to serve it.")
    ] = DEFAULT_PORT,
) -> None:
    """Serve the dashboard on 127.0.0.1 until Ctrl-C."""
    # Pages find the partnership as `streamlit run dashboard/app.py` would let them.
    os.environ[ENVIRONMENT_VARIABLE] = str(Home.find(home).path)
    for module in BEFOREHAND:
        import_module(module)
    cli.main(["run", str(APP), f"--server.port={port}"], prog_name="streamlit")


if __name__ == "__main__":
    app()
