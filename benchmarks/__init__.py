"""Speed and accuracy, measured: each module is one measurement, run with `python -m benchmarks.NAME`."""
