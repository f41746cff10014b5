"""``python -m omnisend_tui.sandbox.dataverse``: options as JSON on standard input, or none."""

import sys

import msgspec

from omnisend_tui.sandbox.dataverse.options import DataverseOptions
from omnisend_tui.sandbox.dataverse.server import serve

if __name__ == "__main__":
    given = b"" if sys.stdin.isatty() else sys.stdin.buffer.read()
    serve(msgspec.json.decode(given or b"{}", type=DataverseOptions))
