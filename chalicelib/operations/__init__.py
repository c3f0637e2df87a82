"""Operations: one plain function for each task of staff, customers and the public, named by a verb.

Refusals are raised; results are models of the rules.
"""
