"""Kills running exports at seeded moments, resumes them, and compares with undisturbed runs.

A case is one export of a source in its first generation (nobody is known) or its second (some
changed, left, came), run by processes of their own against a sandbox in this one. The final
contacts of the sandbox, the counts, and what is sent afterwards must be those of a run that nobody
disturbed, and no contact may be processed twice.
"""
