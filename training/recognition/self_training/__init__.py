"""Learning from pictures that nobody has labelled: what a reader is sure of in them teaches the next one.

Rounds of pseudo-labels with a confidence threshold, read in a weak form and learnt in a strong one (FixMatch, K. Sohn
et al. 2020, arXiv 2001.07685), each round a noised student of the one before (Noisy Student, Q. Xie et al. 2020, arXiv
1911.04252).
"""

from training.recognition.self_training.round import Round
from training.recognition.self_training.training import ROUNDS, rounds_history, self_train

__all__ = ["ROUNDS", "Round", "rounds_history", "self_train"]
