"""Fixtures of this folder."""

from tests.quality.deliveries import delivered, engine, owner

__all__ = ["delivered", "engine", "owner"]
