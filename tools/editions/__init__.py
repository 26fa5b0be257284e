"""What `tools/make_editions.py` is made of: the editions of the book that a reader downloads."""
