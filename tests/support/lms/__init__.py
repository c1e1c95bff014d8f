"""Language models whose answers a test plants."""
