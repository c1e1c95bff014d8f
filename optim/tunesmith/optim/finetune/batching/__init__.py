"""Shared-prefix packing: rows that begin alike are computed behind one copy of what they share."""
