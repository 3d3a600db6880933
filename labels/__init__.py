"""What a label is, and where human truth comes from."""
