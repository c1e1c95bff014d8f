"""Runs made to be killed, and what kills them again and again until they are through."""
