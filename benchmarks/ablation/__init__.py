"""What each part of the default architecture and its training is worth where labels are few.

`python -m benchmarks.ablation [VARIANT ...]` trains what has no result yet, so it can be stopped and called again;
FRESH=1 measures anew, QUICK=1 tries everything out in seconds. `python -m benchmarks.ablation.table` writes the section
"What was tried" of docs/recognition.md from the results.
"""
