"""Reading fixed-text images with small neural networks: training, export and serving.

Nothing in here knows about Django: a notebook or a script can use this package alone, together with
`labeling.imaging`. Modules that serve readings or describe what can be trained (`reader`, `decoding`,
`metrics`, `alphabets`, `task`, `architectures`) never import Keras or TensorFlow at import time; only
building and fitting a model does.
"""
