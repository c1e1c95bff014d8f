"""Parts of an artifact as the text to go on with at the cursor."""
