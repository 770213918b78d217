"""Answers that are larger than memory: facts and rows are dealt into buckets by their keys, each answered alone.

All facts about an entity are in the bucket in which the rows that ask about it are, so the kernel answers a bucket as
it answers everything. Files lie in a scratch, and what is finished outlives a killed process.
"""
