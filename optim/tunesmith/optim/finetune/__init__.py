"""Finetuning: from a strong program's traces to a small local model that answers in its place.

data → rows → training (a process of its own) → a student's folder → serving. Nothing here imports torch, transformers
or peft before it computes with them.
"""
