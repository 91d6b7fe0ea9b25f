"""What `make run`, `make test` and `make check` stand on: servers from the Python environment and a supervisor.

    python -m config.runtime                     everything on one machine
    python -m config.runtime.throwaway COMMAND   a command with a PostgreSQL and a Valkey of its own

Nothing here imports Django: what needs it (`manage.py prepare`, `serve`) runs in a process of its own.
"""
