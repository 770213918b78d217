"""Work that is not done twice: the part of a model that depends on one entity only is computed once for that entity.

Inputs are grouped into blocks by the entity that they come from. A model that can be cut along these blocks gives each
block's rows a part (a sum, bit vectors, tensors), and joins the parts of a row into its answer.
"""
