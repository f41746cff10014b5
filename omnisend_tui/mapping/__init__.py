"""Profiles to contacts: the fields, the conversion of chunks, and proposals for a mapping."""

from omnisend_tui.mapping.contacts import with_status
from omnisend_tui.mapping.convert import Converted, Converter, compile_mapping, mask

__all__ = ["Converted", "Converter", "compile_mapping", "mask", "with_status"]
