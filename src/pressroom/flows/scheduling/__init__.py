"""What is due by schedule, and who sees to it: one leader, each tick once, whatever is killed meanwhile."""
