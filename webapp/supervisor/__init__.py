"""Runs the parts of the site in the foreground: readable logs, restarts after a crash, a clean end."""
