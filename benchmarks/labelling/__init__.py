"""How quickly teams label, beside a peer: `python -m benchmarks.labelling [PART ...]`."""
