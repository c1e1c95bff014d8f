"""Memory, time and break-even of a finetuning, before anything is spent."""
