"""Reading over HTTP: how long, how many at once, and beside a peer's server in the same run."""
