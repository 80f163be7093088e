"""Engines of the warehouse, one per role."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Engine, create_engine

from include.settings import settings


@cache
def engine(role: str) -> Engine:
    """Engine of the warehouse for a role: "owner", "loader", "transformer", "reader" or "api"."""
    return create_engine(settings().url(role), pool_pre_ping=True)
