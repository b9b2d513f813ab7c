"""Pure image code: safe decoding, preprocessing steps, slicing, labels from names, archives.

Nothing in this package imports Django, so a notebook or a worker can use it alone.
"""
