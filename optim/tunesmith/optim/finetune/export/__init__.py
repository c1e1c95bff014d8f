"""Students for other engines: a merged Hugging Face folder, CTranslate2, GGUF."""
