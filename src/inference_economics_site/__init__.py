"""The press: what only the website, the editions and the live copy need."""
