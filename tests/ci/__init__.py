"""Tests of what the noxfile needs before gen3bed is installed."""
