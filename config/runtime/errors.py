"""How a run ends before its time."""


class StopRequested(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


class RunFailed(Exception):
    """Parley cannot go on; the message says why, and what to do, in plain words."""
