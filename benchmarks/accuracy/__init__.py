"""How right readers are: each row of the comparison is a module, each of its cells a result file of its own.

`python -m benchmarks.accuracy [ROW ...]` measures what has no result yet, so it can be stopped and called again;
FRESH=1 measures anew, QUICK=1 tries every row out in seconds, with results in a temporary folder.
"""
