"""Profiles to contacts: the fields, the conversion of chunks, and proposals for a mapping."""
