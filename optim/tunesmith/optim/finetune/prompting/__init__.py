"""From messages to token ids and back: the same for training and serving, so that a student meets what it learned."""
