"""Who may use what for what: rules, and pure decisions on them.

The business writes the rules (in `pressroom.toml`); rooms ask here before they hand out bytes. Nothing is stored here.
"""

from pressroom.policy.decision import Decision, PolicyRefused, decide, enforce
from pressroom.policy.rule import Rule

__all__ = ["Decision", "PolicyRefused", "Rule", "decide", "enforce"]
