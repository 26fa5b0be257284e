"""What `tools/measure.py` is made of: the points, and the machines they are measured on."""
