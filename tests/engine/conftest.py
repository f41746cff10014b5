"""Fixtures for tests of the engine."""

from engine.generations import after_first_run, make_generations

__all__ = ["after_first_run", "make_generations"]
