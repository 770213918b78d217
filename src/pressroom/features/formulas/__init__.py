"""Formulas: what is worked out from other columns, row by row. A formula is data, made by watching a function once.

Nothing here knows of views or questions: a formula has named inputs and one result.
"""
