"""How people and their scripts come in: `pressroom COMMAND`.

One file for each command, each read only when its command is used, so that help costs no room's import. Exit codes:
0 done; 1 refused or failed; 2 the command line itself is wrong; 130 interrupted.
"""
