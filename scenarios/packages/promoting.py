"""Content from one organisation to another, as if it had been exported there and imported here.

Whoever brings it authors in both: asked when they choose, and again when they say yes.
"""

from __future__ import annotations

from django.db import transaction

from accounts.memberships import may, other_memberships
from accounts.models import User
from accounts.people import audit
from accounts.roles import Action
from accounts.sign_in import lacks_second_factor
from tenants.context import current_organization, organization_context
from tenants.errors import PermissionRefused
from tenants.models import Organization

from .exporting import export_everything
from .files import Files, kept_by
from .importing import Change, Choices, counted, import_package
from .reading import Package, dump, parse
from .signing import signed


def may_author(user: User, organization: Organization) -> bool:
    """Also asks whether the person could sign in there: an organisation that asks for a second step means it."""
    return may(user, organization, Action.AUTHOR) and not lacks_second_factor(user, organization)


def others_of(user: User) -> list[Organization]:
    """Where somebody who authors here authors as well, by name: content can be brought from there, and there."""
    found = [one.organization for one in other_memberships(user, current_organization())]
    return [other for other in found if may_author(user, other)]


def refuse_stranger(user: User, organization: Organization) -> None:
    """Raises `PermissionRefused` for who does not author there."""
    if organization.status != Organization.Status.ACTIVE or not may_author(user, organization):
        raise PermissionRefused


def text_of(source: Organization, *, language: str = "") -> str:
    """Everything in use in an organisation as the text of a package, signed by it. Whose files it names: `kept_by`."""
    with organization_context(source):
        return dump(signed(export_everything(language=language)))


def package_of(source: Organization, *, language: str = "") -> Package:
    return parse(text_of(source, language=language), Files(kept_by(source)))


def promote(
    package: Package,
    *,
    target: Organization,
    by: User | None,
    dry_run: bool = False,
    publish: bool = False,
    choices: Choices | None = None,
) -> list[Change]:
    """Bring a package of the organisation at hand into another one. `by` None: an operator of the platform, on the machine.

    Both organisations note it. Raises `PermissionRefused`, and `PackageRefused` like an import; then nothing was written.
    """
    here = current_organization()
    if by is not None:
        refuse_stranger(by, here)
        refuse_stranger(by, target)
    with transaction.atomic():
        with organization_context(target):
            changes = import_package(
                package, dry_run=dry_run, publish=publish, author=by, choices=choices, origin=here.slug
            )
        if not dry_run:
            audit.record(by, "content.promoted", target.slug, items=counted(changes))
    return changes
