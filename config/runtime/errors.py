"""How a run ends before its time."""


class StopRequested(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM; the message is the signal's name."""


class RunFailed(Exception):
    """Parley cannot go on; the message says why, and what to do, in plain words."""
