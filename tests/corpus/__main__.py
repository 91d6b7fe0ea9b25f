"""`python -m tests.corpus [--calls]`: how near the embedded judge comes to the reference marks."""

import os
from importlib import import_module

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()
import_module("tests.corpus.report").main()
