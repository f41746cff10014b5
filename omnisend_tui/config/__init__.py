"""The configuration of a workspace: its records and ``config.toml``."""
