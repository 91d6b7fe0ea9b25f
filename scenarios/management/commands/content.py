"""`manage.py content export|import|diff|promote|keys`: an organisation's authored content as YAML, with its files as ZIP."""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from scenarios import packages
from scenarios.exchange.models import TrustedKey
from scenarios.packages.promoting import package_of
from tenants.context import current_organization, organization_context
from tenants.errors import DomainError
from tenants.models import Organization


class Command(BaseCommand):
    help = "Write an organisation's authored content to a file, read it from one, compare both, or bring it elsewhere."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        export = _verb(verbs, "export", "write everything that is not archived")
        export.add_argument("--output", type=Path, metavar="FILE", help="where to; a name with .zip takes files along")
        export.add_argument("--language", choices=["en", "es"])
        export.add_argument("--without-knowledge", action="store_true", help="leave the documents out")
        export.add_argument("--sign", action="store_true", help="with the organisation's own key")
        importing = _verb(verbs, "import", "read a file; all or nothing")
        importing.add_argument("file", type=Path)
        _add_import_options(importing)
        importing.add_argument("--require-signature", action="store_true", help="of somebody the organisation trusts")
        differing = _verb(verbs, "diff", "what a file says otherwise than the organisation")
        differing.add_argument("file", type=Path)
        promote = verbs.add_parser("promote", help="bring everything from one organisation to another")
        promote.add_argument("organization", metavar="FROM")
        promote.add_argument("target", metavar="TO")
        promote.add_argument("--as", dest="by", metavar="EMAIL", help="on behalf of somebody who authors in both")
        promote.add_argument("--language", choices=["en", "es"])
        _add_import_options(promote)
        keys = _verb(verbs, "keys", "the organisation's own key, and those that it trusts")
        keys.add_argument("--trust", nargs=2, metavar=("NAME", "KEY"))
        keys.add_argument("--forget", metavar="KEY")

    def handle(self, *args: Any, verb: str, organization: str, **options: Any) -> None:
        found = self.organization(organization)
        runs: Mapping[str, Callable[..., None]] = {
            "export": self.export,
            "import": self.read,
            "diff": self.differ,
            "promote": self.promote,
            "keys": self.keys,
        }
        try:
            with organization_context(found):
                runs[verb](**options)
        except packages.PackageRefused as refused:
            begin = "" if verb == "diff" else "Nothing was imported.\n"
            raise CommandError(begin + "\n".join(refused.problems)) from None
        except DomainError as error:
            raise CommandError(str(error)) from None

    def organization(self, slug: str) -> Organization:
        found = Organization.objects.active().filter(slug=slug).first()
        if found is None:
            raise CommandError(f"There is no organisation “{slug}”.")
        return found

    def export(
        self, *, output: Path | None, language: str | None, without_knowledge: bool, sign: bool, **_rest: Any
    ) -> None:
        package = packages.export_everything(language=language or "", documents=not without_knowledge)
        files = packages.Files()
        in_archive = output is not None and output.suffix.lower() == ".zip"
        if not in_archive:
            package = packages.with_small_documents_inside(package, files)
        if sign:
            package = packages.signed(package)
        try:
            self._write(package, files, output=output, in_archive=in_archive)
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}") from None
        named = len(list(packages.named_in(package)))
        if named and not in_archive:
            self.stderr.write(f"{named} files are named and not carried along: a name that ends in .zip carries them.")
        if output is not None:
            counts = ", ".join(f"{len(package[kind])} {kind}" for kind in packages.ORDER if kind in package)
            self.stdout.write(f"{output}: {counts}" + (f", {named} files" if in_archive else ""))

    def _write(
        self, package: Mapping[str, Any], files: packages.Files, *, output: Path | None, in_archive: bool
    ) -> None:
        if output is None:
            self.stdout.write(packages.dump(package), ending="")
        elif in_archive:
            with output.open("wb") as target:
                packages.archives.write(target, package, files)
        else:
            output.write_text(packages.dump(package), encoding="utf-8")

    def read(self, *, file: Path, require_signature: bool, **options: Any) -> None:
        with _opened(file) as package:
            if require_signature:
                packages.refuse_unsigned(package)
            self._import(partial(packages.import_package, package), packages.verified(package), **options)

    def promote(self, *, target: str, language: str | None, by: str | None, **options: Any) -> None:
        package = package_of(current_organization(), language=language or "")
        other = self.organization(target)
        with organization_context(other):
            signature = packages.verified(package)

        def bring(**how: Any) -> list[packages.Change]:
            return packages.promote(package, target=other, by=_person(by), **how)

        self._import(bring, signature, **options)

    def differ(self, *, file: Path, **_rest: Any) -> None:
        with _opened(file) as package:
            found = packages.differences(package)
        said = {"file": "only in the file", "here": "only here", "both": "differs"}
        for difference in found:
            self.stdout.write(f"{difference.kind} {difference.key} ({difference.language}): {said[difference.side]}")
            for line in difference.lines:
                self.stdout.write(f"    {line}")
        if not found:
            self.stdout.write("No differences.")

    def keys(self, *, trust: list[str] | None, forget: str | None, **_rest: Any) -> None:
        if trust:
            packages.trust(name=trust[0], public=trust[1], actor=None)
        if forget and not TrustedKey.objects.filter(public=forget).delete()[0]:
            raise CommandError("This key is not trusted, so there is nothing to forget.")
        self.stdout.write(f"own  {packages.own_key().public}")
        for key in TrustedKey.objects.all():
            self.stdout.write(f"     {key.public} {key.name}")

    def _import(
        self,
        bring: Callable[..., list[packages.Change]],
        signature: packages.Signature | None,
        *,
        dry_run: bool,
        publish: bool,
        on_conflict: str,
        choose: list[str],
        **_rest: Any,
    ) -> None:
        if signature:
            self.stdout.write(f"Signed by {signature.trusted or f'somebody unknown, who says: {signature.signer}'}.")
        single: Any = dict(_choice(text) for text in choose)
        choices = packages.Choices(on_conflict, single)  # type: ignore[arg-type]  # argparse knows the words
        changes = bring(dry_run=dry_run, publish=publish, choices=choices)
        for change in changes:
            fields = f" ({', '.join(change.fields)})" if change.fields else ""
            kept = f" – kept as it is here: {', '.join(change.kept)}" if change.kept else ""
            kind = change.kind.removesuffix("s")
            self.stdout.write(f"{change.action:8} {kind:9} {change.language} {change.title}{fields}{kept}")
            for conflict in change.conflicts:
                self.stdout.write(f"         both changed {change.name}/{conflict.path}")
                self.stdout.write(f"           here: {conflict.ours}")
                self.stdout.write(f"           file: {conflict.theirs}")
        counts = Counter(change.action for change in changes)
        self.stdout.write(
            ", ".join(f"{count} {action}" for action, count in sorted(counts.items())) or "Nothing in it."
        )
        if dry_run:
            self.stdout.write("Nothing was written: this was a dry run.")


def _verb(verbs: Any, name: str, help: str) -> Any:
    parser = verbs.add_parser(name, help=help)
    parser.add_argument("--organization", required=True, metavar="SLUG")
    return parser


def _add_import_options(parser: Any) -> None:
    parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
    parser.add_argument("--publish", action="store_true", help="publish what is new or changed")
    parser.add_argument(
        "--on-conflict",
        choices=["refuse", "ours", "theirs"],
        default="refuse",
        help="where both sides changed the same: refuse (the default), keep ours, or take theirs",
    )
    parser.add_argument(
        "--choose",
        action="append",
        default=[],
        metavar="PATH=SIDE",
        help="decide one conflict, as in scenarios/first-call/en/title=ours; may be repeated",
    )


def _choice(text: str) -> tuple[str, str]:
    path, _equals, side = text.rpartition("=")
    if side not in {"ours", "theirs"} or not path:
        raise CommandError(f"“{text}”: write a path, “=”, and ours or theirs.")
    return path, side


def _person(email: str | None) -> User | None:
    if email is None:
        return None
    found = User.objects.filter(email__iexact=email, is_active=True).first()
    if found is None:
        raise CommandError(f"There is nobody with the address “{email}”.")
    return found


@contextmanager
def _opened(path: Path) -> Iterator[packages.Package]:
    """The package in a file, or in what comes in; its own files are there inside of the block."""
    try:
        with io.BytesIO(sys.stdin.buffer.read()) if str(path) == "-" else path.open("rb") as file:
            yield packages.archives.read(file)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from None
