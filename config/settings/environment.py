"""What every part of the settings reads: variables, `.env`, and what a running `make run` has written down."""

from __future__ import annotations

from pathlib import Path

import environ

SITE_NAME = "Parley"
BASE_DIR = Path(__file__).resolve().parent.parent.parent

env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")
# What outlives a run: data of the embedded servers, files, caches.
VAR_DIR = Path(env("PARLEY_VAR", default=str(BASE_DIR / "var")))
# While `make run` is up, `manage.py` in another terminal finds its database and Redis here; the environment goes first.
if (VAR_DIR / "run" / "servers.env").exists():
    env.read_env(VAR_DIR / "run" / "servers.env")
