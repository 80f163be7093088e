"""Fixtures of this folder."""

from quality_fixtures import delivered, engine, owner, server

__all__ = ["delivered", "engine", "owner", "server"]
