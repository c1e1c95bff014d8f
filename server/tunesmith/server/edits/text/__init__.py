"""Source text: read whole or in part, compared, and written as black and isort would lay it out."""
