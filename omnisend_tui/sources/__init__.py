"""Where profiles come from."""

from pathlib import Path

from omnisend_tui.config.models import Source
from omnisend_tui.sources.base import ProfileSource


def open_source(source: Source, temp_dir: Path) -> ProfileSource:
    """The source that ``source`` describes; nothing is read yet.

    ``temp_dir`` takes temporary copies (mode 0600), which are gone when the call that made them is.
    """
    from omnisend_tui.sources.files import FilesSource

    return FilesSource(source, temp_dir)
