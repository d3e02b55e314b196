"""Tests of `gen3bed.report`."""
