"""Students that answer: through dspy's LM seam, and over loopback HTTP."""
