"""The page "Data quality" in Airflow's menu: publishes, loads, rejects, checkpoints and their Data Docs."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.plugins_manager import AirflowPlugin

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from fastapi import FastAPI
    from sqlalchemy import Engine

    from include.quality.figures import Figures

PREFIX = "/data-quality"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def warehouse() -> Engine:
    """A read-only engine of the warehouse; without a pool, as the page is opened rarely."""
    from sqlalchemy import NullPool, create_engine

    from include.settings import settings

    options = "-c default_transaction_read_only=on -c statement_timeout=10s"
    return create_engine(
        settings().url("transformer"), poolclass=NullPool, connect_args={"connect_timeout": 3, "options": options}
    )


def render(figures: Figures | None) -> str:
    """The page as HTML, every value escaped; None: the warehouse did not answer."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("data_quality.html").render(figures=figures)


def create_app() -> FastAPI:
    """The page and the Data Docs; every route asks for a session that may see plugins.

    `app.state.access` is that check, for tests to replace.
    """
    from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
    from airflow.api_fastapi.core_api.security import requires_access_view
    from fastapi import Depends, FastAPI, HTTPException
    from fastapi.responses import HTMLResponse
    from sqlalchemy.exc import SQLAlchemyError

    from include.log import get_logger
    from include.quality.data_docs import existing_page
    from include.quality.figures import read_figures

    access = requires_access_view(AccessView.PLUGINS)
    # Without the API's own documentation pages: they would answer anybody.
    app = FastAPI(dependencies=[Depends(access)], docs_url=None, redoc_url=None, openapi_url=None)
    app.state.access = access

    @app.get("/")
    def page() -> HTMLResponse:
        try:
            figures = read_figures(warehouse())
        except SQLAlchemyError as error:
            get_logger(__name__).warning("the warehouse did not answer", error=type(error).__name__)
            return HTMLResponse(render(None), status_code=503, headers=HEADERS)
        return HTMLResponse(render(figures), headers=HEADERS)

    @app.get("/docs/{partition_date}/{checkpoint}")
    def data_docs(partition_date: str, checkpoint: str) -> HTMLResponse:
        path = existing_page(partition_date, checkpoint)
        if path is None:
            raise HTTPException(404, "There are no Data Docs of this day and checkpoint.")
        return HTMLResponse(path.read_bytes(), headers=HEADERS)

    return app


@cache
def _app() -> FastAPI:
    return create_app()


async def lazy_app(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[Any]],
    send: Callable[[Any], Awaitable[None]],
) -> None:
    """ASGI application that is built by its first request: schedulers and tasks load plugins too, and need none."""
    await _app()(scope, receive, send)


class DataQualityPlugin(AirflowPlugin):  # type: ignore[misc] # Airflow is not type-checked here
    """Mounts the page and adds it to the menu."""

    name = "data_quality"
    fastapi_apps = [{"app": lazy_app, "url_prefix": PREFIX, "name": "Data quality"}]  # noqa: RUF012 - Airflow's type
    external_views = [  # noqa: RUF012 - Airflow's type
        {
            "name": "Data quality",
            "href": f"{PREFIX}/",
            "url_route": "data-quality",
            "destination": "nav",
        }
    ]
