"""Where a predictor's instruction stands in the source, and another one written there."""
