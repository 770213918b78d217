"""Trainings that are spread over workers: what each of them does, and how a crew is formed again when one is lost."""
