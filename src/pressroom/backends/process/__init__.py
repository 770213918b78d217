"""Processes on this machine, forked from one that has its imports done."""
