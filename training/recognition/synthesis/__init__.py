"""Drawn text: pictures whose texts are known because they were written, not read."""
