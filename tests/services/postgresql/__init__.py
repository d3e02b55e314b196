"""Tests of the PostgreSQL servers."""
