"""`manage.py open_organization SLUG --name N --owner EMAIL`"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from tenants.context import platform_path
from tenants.errors import DomainError
from tenants.provisioning import open_organization


class Command(BaseCommand):
    help = "Open an organisation (or finish opening it) and make somebody its owner. No mail is sent."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--name", required=True)
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument("--language", default="en", choices=["en", "es"])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["owner"])
            organization = open_organization(
                slug=options["slug"], name=options["name"], language=options["language"], owner=options["owner"]
            )
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{organization.name} is open at {organization.path_prefix}/")
        first_password = settings.SITE_URL + platform_path("account_reset_password")
        self.stdout.write(f"{options['owner']} owns it; who has no password yet asks for one at {first_password}")
