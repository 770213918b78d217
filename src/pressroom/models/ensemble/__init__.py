"""Ensembles: models of any framework, and small expressions between them, declared as data and checked before they run.

What can be is fused into one onnxruntime session; the rest runs by itself, and the plan says which and why.
"""
