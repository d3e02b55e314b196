"""Tests of what runs outside Python."""
