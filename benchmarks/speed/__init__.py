"""How fast readers are, beside a peer in the same process: `python -m benchmarks.speed [PART ...]`."""
