"""Which weights change, and which way suits a model, its data and the memory at hand."""
