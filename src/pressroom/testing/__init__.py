"""What tests of Pressroom start from, ours or a stranger's: contract suites for the ports, a clock that can be turned.

Looks into the house; nothing in the house looks at it. Needs pytest (`pip install pressroom[test]`).
"""
