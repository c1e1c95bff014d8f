"""Tiny models, students made of them, and tasks that they learn in seconds."""
