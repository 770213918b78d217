"""Trainings that last: what is saved, how often, what is kept of it, and how a loop goes on in its middle."""
