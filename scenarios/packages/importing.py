"""A package into the organisation at hand: all or nothing, put together with what was changed here since the last one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from django_tenants.utils import schema_context

from accounts.people import audit
from scenarios.exchange.models import ImportedItem
from tenants.api.errors import field_messages
from tenants.errors import DomainError, InvalidInput
from tenants.schemas import current_schema

from . import signing
from .checking import Item, items_of
from .documents import have_read
from .files import Files, files_of
from .kinds import Around, Kind
from .merging import Conflict, Merged, Side, merge
from .reading import place
from .refusals import PackageRefused
from .registry import REGISTRY

OnConflict = Literal["refuse", "ours", "theirs"]


@dataclass(frozen=True, slots=True)
class Change:
    """What an import did (or would do) to one item.

    `action`: "new", "changed", "same", "conflict" (somebody has to choose) or "left" (as was asked). `fields` are those that
    change, `kept` those that were changed here and stay, `conflicts` those that both sides changed.
    """

    kind: str
    key: str
    language: str
    title: str
    action: str
    fields: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()

    @property
    def name(self) -> str:
        """How choices name the item."""
        return f"{self.kind}/{self.key}/{self.language}"


@dataclass(frozen=True, slots=True)
class Choices:
    """What somebody decided: for everything, for single conflicts (`scenarios/first-call/en/title`: "ours"), and which items
    (`scenarios/first-call/en`) are not to be imported."""

    on_conflict: OnConflict = "refuse"
    single: Mapping[str, Side] = field(default_factory=dict)
    leave: Collection[str] = ()

    def of(self, item: Item, path: str) -> Side | None:
        chosen = self.single.get(f"{item.kind}/{item.key}/{item.language}/{path}")
        if chosen is not None:
            return chosen
        return None if self.on_conflict == "refuse" else self.on_conflict


def import_package(
    package: Mapping[str, Any],
    *,
    dry_run: bool = False,
    publish: bool = False,
    only_new: bool = False,
    preset: bool = False,
    author: Any = None,
    choices: Choices | None = None,
    origin: str = "",
) -> list[Change]:
    """Write a package into the organisation at hand and say what happened to each item.

    `only_new` leaves alone what is there; `preset` marks new items as shipped with Parley. Raises `PackageRefused`, also
    where something to be published is not ready, and where a conflict is open (a dry run tells it instead); then nothing was
    written. `origin`, the organisation that it came from, is for the audit trail.
    """
    if not preset:
        signing.verified(package)
    files = files_of(package)
    items = items_of(package, files)
    importer = _Importer(
        items, files, only_new=only_new, preset=preset, author=author, choices=choices or Choices(), dry_run=dry_run
    )
    try:
        with transaction.atomic():
            importer.run(package, publish=publish)
            if not (dry_run or preset):
                audit.record(author, "content.imported", origin, items=counted(importer.changes))
    except BaseException:
        importer.take_back_files()
        raise
    return importer.changes


def counted(changes: list[Change]) -> dict[str, dict[str, int]]:
    """How many items of each kind became what: `{"scenarios": {"new": 2}}`."""
    counts: dict[str, dict[str, int]] = {}
    for change in changes:
        kind = counts.setdefault(change.kind, {})
        kind[change.action] = kind.get(change.action, 0) + 1
    return counts


class _Importer:
    def __init__(
        self,
        items: list[Item],
        files: Files,
        *,
        only_new: bool,
        preset: bool,
        author: Any,
        choices: Choices,
        dry_run: bool,
    ) -> None:
        self.changes: list[Change] = []
        self._only_new = only_new
        self._preset = preset
        self._author = author
        self._choices = choices
        self._dry_run = dry_run
        self._items = items
        self._files = files
        self._touched: list[tuple[str, Any]] = []
        self._to_bring: list[tuple[Kind, Any, Mapping[str, Any], Around]] = []
        self._stored: list[str] = []
        self._brought: list[ImportedItem] = []
        self._conflicts: dict[tuple[str, str, str], list[Conflict]] = {}
        rows = [] if preset else ImportedItem.objects.filter(key__in={item.key for item in items})
        self._before = {(row.kind, row.key, row.language): row.content for row in rows}

    def run(self, package: Mapping[str, Any], *, publish: bool) -> None:
        """Everything, in the transaction at hand. Raises `PackageRefused`."""
        problems: list[str] = []
        for item in self._items:
            try:
                self.write(item)
            except DomainError as error:
                problems.append(f"{place(package, item.where)}{item.kind} ({item.key}): {error.message}")
        if not self._dry_run:
            problems += [line for item in self._items for line in self.open_conflicts(package, item)]
            if not problems:
                self.bring_files()
        if publish and not problems:
            problems += self.publish()
        if problems:
            raise PackageRefused(problems)
        if self._dry_run:
            transaction.set_rollback(True)
        else:
            self.finish()

    def bring_files(self) -> None:
        """After all rows: what is refused for another reason stores nothing."""
        for about, item, plain, around in self._to_bring:
            self._stored += about.bring_files(item, plain, around)

    def take_back_files(self) -> None:
        """The rows are gone with their transaction; files know no transactions."""
        for name in self._stored:
            default_storage.delete(name)

    def write(self, item: Item) -> None:
        """Raises `DomainError` where it cannot be written."""
        about = REGISTRY[item.kind]
        name = f"{item.kind}/{item.key}/{item.language}"
        existing = about.find(item.key, item.language)
        if name in self._choices.leave or (existing is not None and self._only_new):
            action = "same" if self._only_new else "left"
            title = str(existing) if existing is not None else title_of(item.values, item.key)
            self._tell(item, title, action)
            return
        theirs = about.filled(item.values)
        if existing is None:
            self._create(item, theirs)
        else:
            self._update(item, existing, theirs)
        self._remember(item, theirs)

    def _create(self, item: Item, theirs: dict[str, Any]) -> None:
        about = REGISTRY[item.kind]
        if self._dry_run and about.only_tried(theirs):
            self._tell(item, title_of(theirs, item.key), "new")
            return
        around = _Around(self._files, item.language)
        created = about.create(item.key, about.values(theirs, around), preset=self._preset, author=self._author)
        self._written(item, created, theirs, around)
        self._tell(item, str(created), "new")

    def _update(self, item: Item, existing: Any, theirs: dict[str, Any]) -> None:
        about = REGISTRY[item.kind]
        now = about.plain(existing)
        ours = {name: now.get(name) for name in theirs}
        # Without a package before this one, whatever differs was changed there.
        before = self._before.get(about.remembered_as(item), {})
        base = {name: before.get(name, ours[name]) for name in theirs}
        merged = merge(base=base, ours=ours, theirs=theirs, choose=partial(self._choices.of, item))
        changed = {name: merged.value[name] for name in theirs if merged.value[name] != ours[name]}
        mixed = [name for name, value in changed.items() if value != theirs[name]]
        kept = tuple(name for name in theirs if name in mixed or (name not in changed and ours[name] != theirs[name]))
        self._conflicts[item.identity] = merged.conflicts
        if changed and not merged.conflicts:
            if mixed:
                refuse_invalid(item, changed)
            if not (self._dry_run and about.only_tried({**now, **changed})):
                around = _Around(self._files, item.language)
                existing = about.update(existing, about.values(changed, around), author=self._author)
                self._written(item, existing, changed, around)
        self._tell(item, str(existing), self._action(changed, merged), tuple(changed), kept, tuple(merged.conflicts))

    def _written(self, item: Item, written: Any, plain: Mapping[str, Any], around: Around) -> None:
        about = REGISTRY[item.kind]
        self._touched.append((item.kind, written))
        self._to_bring.append((about, written, plain, around))
        self._stored += about.stored(written)

    def _action(self, changed: Mapping[str, Any], merged: Merged) -> str:
        if merged.conflicts:
            return "conflict"
        return "changed" if changed else "same"

    def _tell(self, item: Item, title: str, action: str, *more: Any) -> None:
        self.changes.append(Change(item.kind, item.key, item.language, title, action, *more))

    def _remember(self, item: Item, theirs: dict[str, Any]) -> None:
        """Also where our side won: the next package is compared with what this one said."""
        if self._preset:
            return
        kind, key, language = REGISTRY[item.kind].remembered_as(item)
        content = {**self._before.get((kind, key, language), {}), **theirs}
        self._brought.append(ImportedItem(kind=kind, key=key, language=language, content=content))

    def open_conflicts(self, package: Mapping[str, Any], item: Item) -> list[str]:
        """A sentence for each conflict that nobody decided, with its place."""
        lines = []
        for conflict in self._conflicts.get(item.identity, []):
            where = place(package, f"{item.where}.{conflict.path}")
            message = _("changed here and in the file: choose one of them.")
            lines.append(f"{where}{item.kind} ({item.key}) {conflict.path}: {message}")
        return lines

    def publish(self) -> list[str]:
        problems: list[str] = []
        for kind, item in self._touched:
            try:
                REGISTRY[kind].publish(item, self._author)
            except DomainError as error:
                problems.append(f"{item}: {error.message}")
        return problems

    def finish(self) -> None:
        """What is left to do once everything was written."""
        ImportedItem.objects.bulk_create(
            self._brought,
            update_conflicts=True,
            unique_fields=["kind", "key", "language"],
            update_fields=["content", "imported_at"],
        )
        documents = [item.pk for kind, item in self._touched if kind == "knowledge"]
        if documents:
            transaction.on_commit(partial(_have_read, current_schema(), documents))


class _Around:
    """What the items of one language reach."""

    def __init__(self, files: Files, language: str) -> None:
        self._language = language
        self.content = files.read

    def item(self, kind: str, key: str) -> Any:
        about = REGISTRY[kind]
        found = about.find(key, self._language)
        if found is None:
            message = _("There is no %(kind)s “%(key)s” in this language, neither in the file nor here.")
            raise InvalidInput(message % {"kind": about.model._meta.verbose_name, "key": key})
        return found


def refuse_invalid(item: Item, changed: Mapping[str, Any]) -> None:
    """Two valid sides may not be valid together. Raises `InvalidInput`."""
    serializer = REGISTRY[item.kind].serializer(data=dict(changed), partial=True)
    if not serializer.is_valid():
        field, messages = next(iter(field_messages(serializer.errors).items()))
        raise InvalidInput(f"{field}: {messages[0]}")


def title_of(values: Mapping[str, Any], key: str) -> str:
    return str(values.get("title") or values.get("name") or key)


def _have_read(schema_name: str, document_ids: list[Any]) -> None:
    with schema_context(schema_name):
        have_read(document_ids)
