"""One file a request (or a family of notifications); `routes.py` is the table."""
