"""Runs the migrations of the warehouse as its owner."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine

from include.settings import settings

engine = create_engine(settings().url("owner"))
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
