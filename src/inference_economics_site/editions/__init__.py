"""The editions of the book that a reader downloads: ZIP, notebooks, EPUB, PDF."""
