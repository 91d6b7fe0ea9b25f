"""Who is told, once, in which way; what is sent, what waits, and what is never sent."""

from __future__ import annotations

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone, translation
from django_tenants.utils import schema_context

from accounts.models import Membership, User
from accounts.notices import digests, kinds, outbox, preferences, services, tasks
from accounts.notices.models import DeadAddress, Mail, Notice, Rhythm
from accounts.notices.preferences import Way
from accounts.notices.wording import words_of
from tests.cast import Cast

SCORED = {"title": "Cold call"}
DECIDED = {"criterion": "Closing", "changed": "Cold call"}


@pytest.fixture
def tell(django_capture_on_commit_callbacks: Any) -> Any:
    """Tell somebody, and commit."""

    def run(user: User, kind: str = "appeal_decided", data: Any = None, **more: Any) -> Notice | None:
        with django_capture_on_commit_callbacks(execute=True):
            return services.notify(user=user, kind=kind, data=data or DECIDED, **more)

    return run


def choose(user: User, kind: str, *, in_app: bool = True, email: str = "now", **rhythm: Any) -> None:
    when = {"digest": "daily", "digest_hour": 8, "quiet_from": None, "quiet_until": None} | rhythm
    preferences.save(user=user, ways={kind: Way(in_app=in_app, email=email)}, **when)


def test_a_notice_is_in_the_list_and_in_the_mail(in_acme: Cast, tell: Any, mailoutbox: list[Any]) -> None:
    notice = tell(in_acme.ada, url=services.place("accounts:profile"))
    assert notice.path == "/profile/"
    assert services.unread_count(in_acme.ada) == 1
    [mail] = mailoutbox
    assert mail.to == ["ada@cast.test"]
    assert mail.subject == "Decided: your objection to “Closing”"
    assert "http://localhost:8000/org/acme/profile/" in mail.body
    assert "in your call “Cold call” was changed" in mail.body
    assert "stands" not in mail.body
    [(html, kind)] = mail.alternatives
    assert kind == "text/html"
    assert "Read the decision" in html


def test_the_same_thing_is_told_once(in_acme: Cast, tell: Any, mailoutbox: list[Any]) -> None:
    assert tell(in_acme.ada, dedupe_key="appeal-1") is not None
    assert tell(in_acme.ada, dedupe_key="appeal-1") is None
    assert tell(in_acme.val, dedupe_key="appeal-1") is not None, "another person has not heard of it"
    assert tell(in_acme.ada, "score_changed", {"title": "x"}, dedupe_key="appeal-1") is not None
    assert len(mailoutbox) == 3


def test_a_sent_mail_is_not_sent_again(in_acme: Cast, tell: Any, mailoutbox: list[Any]) -> None:
    notice = tell(in_acme.ada)
    assert outbox.send(mail_id=notice.mail_id) is False
    tasks.sweep()
    assert len(mailoutbox) == 1


def test_each_organisation_tells_in_its_own_list(cast: Cast, tell: Any, mailoutbox: list[Any]) -> None:
    """Val is in both."""
    with schema_context(cast.acme.schema_name):
        tell(cast.val)
    with schema_context(cast.globex.schema_name):
        assert services.unread_count(cast.val) == 0
        tell(cast.val)
        assert services.unread_count(cast.val) == 1
    with schema_context(cast.acme.schema_name):
        assert services.unread_count(cast.val) == 1
    assert ["/org/acme/" in mail.body for mail in mailoutbox] == [True, False]
    assert ["/org/globex/" in mail.body for mail in mailoutbox] == [False, True]


def test_strangers_and_roles_without_business_with_it_are_left_out(in_acme: Cast, tell: Any) -> None:
    assert tell(in_acme.gil) is None
    opened = {"who": "Ada", "criterion": "Closing"}
    assert tell(in_acme.ada, "appeal_opened", opened) is None, "a trainee does not decide"
    assert tell(in_acme.bo, "appeal_opened", opened) is not None


def test_who_left_gets_no_mail_that_waited(in_acme: Cast, mailoutbox: list[Any]) -> None:
    notice = services.notify(user=in_acme.ada, kind="appeal_decided", data=DECIDED)
    Membership.objects.filter(user=in_acme.ada).update(is_active=False)
    assert notice is not None
    assert not outbox.send(mail_id=notice.mail_id)
    assert (Mail.objects.get().dropped, mailoutbox) == ("left", [])


def test_what_was_read_meanwhile_needs_no_mail(in_acme: Cast, mailoutbox: list[Any]) -> None:
    notice = services.notify(user=in_acme.ada, kind="appeal_decided", data=DECIDED)
    assert notice is not None
    services.mark_read(user=in_acme.ada, notice_ids=[notice.pk])
    assert not outbox.send(mail_id=notice.mail_id)
    assert (Mail.objects.get().dropped, mailoutbox) == ("read", [])


def test_each_kind_goes_the_way_that_was_chosen(in_acme: Cast, tell: Any, mailoutbox: list[Any]) -> None:
    choose(in_acme.ada, "appeal_decided", in_app=False, email="off")
    assert tell(in_acme.ada) is None
    choose(in_acme.ada, "appeal_decided", in_app=False, email="now")
    assert tell(in_acme.ada) is not None
    assert services.unread_count(in_acme.ada) == 0, "mail only"
    assert len(mailoutbox) == 1
    choose(in_acme.ada, "appeal_decided", in_app=True, email="off")
    tell(in_acme.ada)
    assert services.unread_count(in_acme.ada) == 1
    assert len(mailoutbox) == 1


def test_mail_speaks_the_receivers_language_and_clock(cast: Cast, tell: Any, mailoutbox: list[Any]) -> None:
    User.objects.filter(pk=cast.hana.pk).update(timezone="Europe/Madrid")
    cast.hana.refresh_from_db()
    with schema_context(cast.globex.schema_name):
        due = timezone.now().replace(year=2026, month=7, day=1, hour=16, minute=5)
        tell(cast.hana, "appeal_opened", {"who": "Gil", "criterion": "Cierre", "title": "Llamada", "due": due})
    [mail] = mailoutbox
    assert "18:05" in mail.body
    assert '<html lang="es">' in mail.alternatives[0][0]


def test_quiet_hours_hold_mail_back(in_acme: Cast, tell: Any, mailoutbox: list[Any]) -> None:
    now = timezone.now()
    start, end = (now - timedelta(hours=1)).time(), (now + timedelta(hours=1)).time()
    choose(in_acme.ada, "appeal_decided", quiet_from=start, quiet_until=end)
    notice = tell(in_acme.ada)
    tasks.sweep()
    assert mailoutbox == []
    assert services.unread_count(in_acme.ada) == 1, "the bell is not mail"
    mail = Mail.objects.get(pk=notice.mail_id)
    assert now < mail.due_at <= now + timedelta(hours=1, minutes=1)
    Rhythm.objects.update(quiet_from=None, quiet_until=None)
    Mail.objects.update(due_at=now)
    tasks.sweep()
    assert len(mailoutbox) == 1


def test_hours_that_were_chosen_later_hold_what_was_on_its_way(in_acme: Cast, mailoutbox: list[Any]) -> None:
    notice = services.notify(user=in_acme.ada, kind="appeal_decided", data=DECIDED)
    assert notice is not None
    now = timezone.now()
    start, end = (now - timedelta(hours=1)).time(), (now + timedelta(hours=1)).time()
    choose(in_acme.ada, "appeal_decided", quiet_from=start, quiet_until=end)
    assert not outbox.send(mail_id=notice.mail_id)
    mail = Mail.objects.get()
    assert (mail.dropped, mail.attempts, mailoutbox) == ("", 0, [])
    assert mail.due_at > now


def test_a_mail_server_that_is_away_is_tried_again_and_given_up_in_the_end(
    in_acme: Cast, tell: Any, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr(EmailBackend, "send_messages", _refuse)
        notice = tell(in_acme.ada)
        mail = Mail.objects.get(pk=notice.mail_id)
        assert (mail.attempts, mail.dropped, mail.error) == (1, "", "SMTPServerDisconnected")
        assert outbox.due() == []
    Mail.objects.update(due_at=timezone.now())
    tasks.sweep()
    [sent] = mailoutbox
    assert str(mail.pk) in sent.extra_headers["Message-ID"]
    with monkeypatch.context() as away:
        away.setattr(EmailBackend, "send_messages", _refuse)
        second = tell(in_acme.ada)
        for _attempt in outbox.PAUSES:
            Mail.objects.filter(pk=second.mail_id).update(due_at=timezone.now())
            tasks.sweep()
    assert Mail.objects.get(pk=second.mail_id).dropped == "given up"


def _refuse(self: Any, messages: Any) -> int:
    raise SMTPServerDisconnected


@pytest.mark.parametrize(("code", "dead"), [(550, True), (452, False)], ids=["unknown", "full"])
def test_an_address_that_the_mail_server_does_not_know_is_noted(
    in_acme: Cast, tell: Any, monkeypatch: pytest.MonkeyPatch, code: int, dead: bool
) -> None:
    def refuse(self: Any, messages: Any) -> int:
        raise SMTPRecipientsRefused({"ada@cast.test": (code, b"no")})

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    notice = tell(in_acme.ada)
    assert Mail.objects.get(pk=notice.mail_id).dropped == "refused"
    assert DeadAddress.objects.exists() is dead


def test_nothing_goes_to_an_address_from_which_mail_came_back(in_acme: Cast, tell: Any, mailoutbox: list[Any]) -> None:
    preferences.note_dead_address(email="ADA@cast.test", reason="bounced")
    preferences.note_dead_address(email="ada@cast.test", reason="complained")
    assert DeadAddress.objects.get().reason == "bounced"
    tell(in_acme.ada)
    assert mailoutbox == []
    preferences.try_address_again(user=in_acme.ada)
    tell(in_acme.ada)
    assert len(mailoutbox) == 1


def test_a_digest_names_what_was_not_read_once(in_acme: Cast, tell: Any, mailoutbox: list[Any]) -> None:
    for title in ("One", "Two", "Three"):
        tell(in_acme.ada, "comment", {"who": "Bo", "title": title})
    read = Notice.objects.get(data__title="Two")
    services.mark_read(user=in_acme.ada, notice_ids=[read.pk])
    assert mailoutbox == []
    Notice.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    tasks.sweep()
    [mail] = mailoutbox
    assert mail.subject == "2 notifications from Acme"
    assert "Bo commented on “One”" in mail.body
    assert "“Two”" not in mail.body
    tasks.sweep()
    digests.write_due(timezone.now() + timedelta(days=1))
    assert len(mailoutbox) == 1
    assert Mail.objects.count() == 1


def test_a_weekly_digest_waits_for_monday_and_no_digest_is_none(in_acme: Cast, tell: Any) -> None:
    choose(in_acme.ada, "comment", email="digest", digest="weekly")
    tell(in_acme.ada, "comment", {"who": "Bo", "title": "One"})
    now = timezone.now()
    monday = (now + timedelta(days=7 - now.weekday())).replace(hour=8, minute=0)
    Notice.objects.update(created_at=monday - timedelta(days=2))
    assert digests.write_due(monday - timedelta(hours=1)) == []
    assert len(digests.write_due(monday + timedelta(minutes=1))) == 1
    choose(in_acme.ada, "comment", email="digest", digest="never")
    tell(in_acme.ada, "comment", {"who": "Bo", "title": "Two"})
    assert digests.write_due(now + timedelta(days=30)) == []
    assert not Notice.objects.for_digest().exists()


@pytest.mark.parametrize("people", [1, 3], ids=["one", "three"])
def test_telling_many_asks_the_database_as_often_as_telling_one(
    in_acme: Cast, people: int, django_assert_num_queries: Any
) -> None:
    users = [in_acme.ada, in_acme.bo, in_acme.cy][:people]
    # The organisation, members, choices, who stopped mail, notices in, notices that are new, rhythms, mails in, mails noted
    # at their notices; the rest are savepoints.
    with django_assert_num_queries(12):
        assert len(services.notify_all(users=users, kind="appeal_decided", data=DECIDED)) == people


def test_a_kind_that_is_not_known_or_lacks_a_word_is_a_mistake_of_ours(in_acme: Cast) -> None:
    with pytest.raises(ValueError, match="no kind"):
        services.notify(user=in_acme.ada, kind="weather", data={})
    with pytest.raises(ValueError, match="criterion"):
        services.notify(user=in_acme.ada, kind="appeal_decided", data={"criterion": ""})


@pytest.mark.parametrize("key", sorted(kinds.KINDS))
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_kind_has_words_in_both_languages(language: str, key: str) -> None:
    kind = kinds.KINDS[key]
    data = {name: "X" for text in (kind.title, *kind.lines) for name in kinds.words_in(text)}
    data |= dict.fromkeys((*kind.moments, *kind.days), "2026-07-01T10:00:00Z")
    with translation.override(language):
        words = words_of(Notice(kind=key, data=data))
        assert kinds.words_in(kind.title) == set(kinds.PLACEHOLDER.findall(str(kind.title)))
    assert "%(" not in " ".join([words.title, *words.lines])
    assert len(words.lines) == len(kind.lines)
    assert words.label


def test_what_is_old_and_read_is_forgotten(in_acme: Cast, tell: Any) -> None:
    tell(in_acme.ada)
    tell(in_acme.ada)
    first = Notice.objects.first()
    assert first is not None
    long_ago = timezone.now() - outbox.KEEP - timedelta(days=1)
    Notice.objects.filter(pk=first.pk).update(read_at=long_ago)
    Mail.objects.update(sent_at=long_ago)
    tasks.tidy()
    assert Notice.objects.count() == 1
    assert Mail.objects.count() == 1, "the mail of a notice that is still there stays with it"
