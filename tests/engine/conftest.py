"""Fixtures for tests of the engine."""

from generations import make_generations

__all__ = ["make_generations"]
