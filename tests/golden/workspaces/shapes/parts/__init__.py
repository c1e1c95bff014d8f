"""Modules that others are made of."""
