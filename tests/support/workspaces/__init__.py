"""Workspaces as users have them, made of a test's texts."""
