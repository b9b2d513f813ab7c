"""Watching a run: how soon its steps are on screens and its page is there, and what watching costs it."""
