"""Training runs that are interrupted and go on: batches, ticks, checkpoints, and what is watched meanwhile."""
