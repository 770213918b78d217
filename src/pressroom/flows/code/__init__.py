"""Which code a step reaches, and what identifies it: first-party statements by their meaning, libraries by version.

Knows Python's syntax and its installed packages, no ports.
"""
