"""``python -m omnisend_tui`` is the same as ``omnisend-tui``."""

from omnisend_tui.cli import main

main()
