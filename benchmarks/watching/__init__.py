"""Watching a run: how soon its steps are on viewers' screens, how soon its page is there, and what watching costs it."""
