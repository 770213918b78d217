"""Ray answers for workers: tasks on any node of a cluster."""
