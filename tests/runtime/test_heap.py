"""What a process has loaded is left out of later collections, once all of it is there."""

from __future__ import annotations

import gc
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from celery.signals import worker_process_init

import config.asgi
import config.celery
from config.runtime import heap, serve


@pytest.fixture
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def seen_by_the_collector(thing: object) -> bool:
    return any(other is thing for other in gc.get_objects())


def test_what_is_there_is_left_out_and_what_comes_is_not(thawed: None) -> None:
    before = [[]]
    assert seen_by_the_collector(before)
    heap.settle()
    after = [[]]
    assert not seen_by_the_collector(before)
    assert seen_by_the_collector(after)


def test_a_web_process_settles_when_its_voices_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded, settled = threading.Event(), threading.Event()
    warming = threading.Thread(target=loaded.wait, daemon=True)
    warming.start()
    monkeypatch.setattr(config.asgi, "warming", warming)
    monkeypatch.setattr(serve, "settle", settled.set)
    server = serve.Server(serve.configuration())
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        assert not settled.wait(0.2)
        loaded.set()
        assert settled.wait(60)
        server.should_exit = True
        thread.join(60)
        assert not thread.is_alive()


def test_a_workers_process_settles(monkeypatch: pytest.MonkeyPatch) -> None:
    settled: list[bool] = []
    monkeypatch.setattr(config.celery, "settle", lambda: settled.append(True))
    receivers = [one for one in worker_process_init.receivers if "settle_worker" in repr(one)]
    assert receivers
    config.celery.settle_worker()
    assert settled == [True]
