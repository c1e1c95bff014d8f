"""One file a request (or a family of notifications); `build.py` is the table."""
