"""Who answers the ports: one folder per technology, one file per port that it fills.

Backends do not know each other, and drivers' own errors stop here. Only the workspace looks in, at the file it needs.
"""
