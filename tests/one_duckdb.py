"""One DuckDB for the tests of a worker: to make one takes longer than all else that a run does.

Whatever reads a file in the folder of the tests gets a cursor of it, with all settings of the
product's own but two: it can read that whole folder, and keeps nothing of the files. That a source
reads its own files alone is shown by ``test_files_source.py``, which shares none.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from omnisend_tui.sources import query, tables

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Connect = Callable[[Sequence[Path], Path], "DuckDBPyConnection"]


@pytest.fixture(scope="module", autouse=True)
def one_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Sources of files share a DuckDB."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "connect", sharing(tmp_path_factory.getbasetemp()))
        yield


@cache
def sharing(folder: Path) -> Connect:
    """``query.connect`` for files in ``folder``: cursors of one DuckDB."""

    @cache
    def shared() -> "DuckDBPyConnection":
        return query.confined(
            folder / "duckdb",
            f"allowed_directories = [{query.text(str(folder))}]",
            # Else a file that was written anew within a moment could be read as it was.
            "enable_external_file_cache = false",
        )

    def connect(allowed: Sequence[Path], temp_dir: Path) -> "DuckDBPyConnection":
        if all(path.is_relative_to(folder) for path in allowed):
            return shared().cursor()
        return query.connect(allowed, temp_dir)

    return connect
