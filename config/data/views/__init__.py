"""The Data page and what it leads to."""
