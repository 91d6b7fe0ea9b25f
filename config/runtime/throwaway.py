"""`python -m config.runtime.throwaway COMMAND…`: run a command with a PostgreSQL and a Valkey of its own, then stop both.

Where `DATABASE_URL` or `REDIS_URL` is set, that server is used and not started.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from .errors import RunFailed, StopRequested
from .servers import start_servers
from .supervisor import Supervisor


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(command: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="parley-", ignore_cleanup_errors=True) as name:
        var = Path(name).resolve()
        var.chmod(0o755)  # the servers may run as another user
        try:
            with Supervisor(logs=var / "log", say=say) as supervisor:
                environment = start_servers(supervisor, var=var, environment=os.environ, durable=False)
                return supervisor.run(command, environment)
        except StopRequested:
            return 130
        except RunFailed as problem:
            say(str(problem))
            return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
