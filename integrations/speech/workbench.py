"""Threads that run the models: what is needed soonest goes first.

Calls share the machine. Each piece of speech says when it is needed: the first words of a reply now, the next sentence
when the ones before it will have been heard. So a long reply in one call does not keep another call waiting.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import math
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

LOWEST_PRIORITY = 19
LONGEST_REST_S = 5.0
LAST_PIECE_S = 5.0  # which the process waits for when it ends


def rest_s(worked_s: float) -> float:
    """How long work that nobody waits for pauses after a piece: priorities alone don't protect the programs of another
    session or container."""
    busy = hasattr(os, "getloadavg") and os.getloadavg()[0] > (os.cpu_count() or 1)
    return min(LONGEST_REST_S, worked_s * (3.0 if busy else 0.2))


class Workbench:
    """`workers` daemon threads, started when first needed. `background`: at the lowest priority the system has."""

    def __init__(self, name: str, *, workers: int = 1, background: bool = False, most_waiting: int = 1000) -> None:
        self._name = name
        self._workers = workers
        self._background = background
        self._waiting: queue.PriorityQueue[tuple[float, int, Future[Any], Callable[[], Any]]] = queue.PriorityQueue()
        self._most_waiting = most_waiting
        self._order = itertools.count()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._closed = threading.Event()

    def submit(self, work: Callable[[], T], *, needed_at: float = 0.0) -> Future[T]:
        """`needed_at`: any clock's seconds, the same one for all. Raises `queue.Full` when hopelessly behind, or closed."""
        if self._closed.is_set() or self._waiting.qsize() >= self._most_waiting:
            raise queue.Full
        future: Future[T] = Future()
        self._waiting.put((needed_at, next(self._order), future, work))
        with self._lock:
            if len(self._threads) < self._workers:
                if not self._threads:
                    atexit.register(self.close)
                thread = threading.Thread(target=self._run, name=f"speech-{self._name}", daemon=True)
                self._threads.append(thread)
                thread.start()
        return future

    def clear(self) -> None:
        """Forget what waits; what is being done is finished."""
        while True:
            try:
                _, _, future, _ = self._waiting.get_nowait()
            except queue.Empty:
                return
            future.cancel()

    def close(self, seconds: float = LAST_PIECE_S) -> None:
        """Begin nothing more, and give the piece in hand so long. A thread that comes back from a model's library into an
        interpreter that has gone takes the process down with an abort."""
        self._closed.set()
        self.clear()
        until = time.monotonic() + seconds
        with self._lock:
            for _thread in self._threads:
                self._waiting.put((-math.inf, next(self._order), Future(), lambda: None))
            for thread in self._threads:
                thread.join(max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        if self._background and sys.platform == "linux":
            # Linux gives priorities to threads; elsewhere the number would mean a process.
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_PRIORITY)
        while not self._closed.is_set():
            _, _, future, work = self._waiting.get()
            if not future.set_running_or_notify_cancel():
                continue
            began = time.monotonic()
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)
            # Neither the call's audio nor its traceback should wait here for the next job.
            del future, work
            if self._background:
                self._closed.wait(rest_s(time.monotonic() - began))
