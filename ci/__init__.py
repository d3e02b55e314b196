"""What the noxfile needs before gen3bed is installed: standard library only, Python 3.11."""
