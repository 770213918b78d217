"""What ours costs beside the physical limit: `python -m benchmarks AREA --json FILE`.

One module an area. Each case measures ours and a hand-written version of the same work with the best library, in turn,
in one run, checks that the answers are equal, and reports medians and their ratio.
"""
