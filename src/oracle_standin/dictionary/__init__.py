"""Data dictionary views and accounts."""
