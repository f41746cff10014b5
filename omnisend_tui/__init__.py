"""omnisend-tui brings segments of customer profiles into Omnisend."""

__version__ = "0.1.0"
