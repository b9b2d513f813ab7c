"""How right a reader is with few labels: learning curves with and without the starter model and self-training.

`python -m benchmarks.few_labels [SET ...]` measures what has no result yet, so it can be stopped and called again;
SEEDS=2 takes only the first two seeds, LABELS=50,100 only those numbers of labels, INGREDIENTS=starter,both only those
ingredients, FRESH=1 measures anew, QUICK=1 tries everything out in seconds.
"""
