"""Columns in, columns out: how aggregates are answered for many rows at once, exactly and without loops over rows.

Knows numpy and Arrow, no ports. A fact is visible to a question at t from `max(event, known)` on; in a window of length
w it counts while `t - w <= event < t`. So each fact has one interval of instants at which it counts, and every windowed
aggregate is what entered so far minus what left so far: two searches and two running sums, whatever the window, and
whatever the order in which facts arrived.
"""
