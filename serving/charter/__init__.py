"""A client's rules: thresholds and actions."""
