"""Where profiles come from."""

from pathlib import Path

from omnisend_tui.config.models import Source
from omnisend_tui.sources.base import Access, ProfileSource


def open_source(source: Source, temp_dir: Path, access: Access | None = None) -> ProfileSource:
    """The source that ``source`` describes; nothing is read yet.

    ``temp_dir`` takes temporary copies (mode 0600), which are gone when the call that made them is.
    """
    if source.type == "dataverse":
        from omnisend_tui.sources.dataverse import DataverseSource

        return DataverseSource(source, access or Access())
    from omnisend_tui.sources.files import FilesSource

    return FilesSource(source, temp_dir)
