"""The models students start from: naming, describing, loading."""
