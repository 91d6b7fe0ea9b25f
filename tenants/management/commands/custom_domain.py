"""`manage.py custom_domain SLUG HOST [--remove]`"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from tenants.models import Domain, Organization
from tenants.schemas import enter_public


class Command(BaseCommand):
    help = (
        "Serve an organisation on a host name of its own, or stop it. Whoever runs this has made sure that the name is the "
        "organisation's and points here; the name must be in ALLOWED_HOSTS too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("host")
        parser.add_argument("--remove", action="store_true")

    def handle(self, *args: Any, slug: str, host: str, remove: bool, **options: Any) -> None:
        enter_public()
        organization = Organization.objects.filter(slug=slug, status=Organization.Status.ACTIVE).first()
        if organization is None:
            raise CommandError(f"There is no organisation with the address {slug}.")
        domain = Domain(domain=host, tenant=organization)
        try:
            domain.clean()  # normalises the name
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        known = Domain.objects.filter(domain=domain.domain).first()
        if known is not None and known.tenant_id != organization.pk:
            raise CommandError(f"{domain.domain} belongs to another organisation.")
        if remove:
            Domain.objects.filter(domain=domain.domain).delete()
            self.stdout.write(f"{domain.domain} no longer serves {organization.name}.")
            return
        domain = known or domain
        domain.verified_at = domain.verified_at or timezone.now()
        domain.save()
        self.stdout.write(f"{domain.domain} serves {organization.name}.")
