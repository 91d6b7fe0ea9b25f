"""How a package is refused: whole, with every problem in a plain sentence and its place."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tenants.errors import InvalidInput


class PackageRefused(InvalidInput):
    """A package with problems; nothing of it was imported. `problems` are plain sentences with the place of each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(_("This content package was refused: %(problem)s") % {"problem": problems[0]})
        self.details = {"field": "package", "issue": problems[0], "problems": problems}
