"""Spoken pieces that were synthesised before. Lines an author wrote are kept on disk; anything else only in memory, so
that no words of a call outlive it."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from pathlib import Path

FORMAT = "1"  # goes up when the same text would sound different


class SpokenCache:
    """Both stores drop what was used least recently. `disk` None: memory only. Sizes in bytes."""

    def __init__(self, disk: Path | None, *, memory_bytes: int = 32 << 20, disk_bytes: int = 512 << 20) -> None:
        self._disk = disk
        self._memory_bytes = memory_bytes
        self._disk_bytes = disk_bytes
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._held = 0
        self._disk_used: int | None = None
        self._lock = threading.Lock()

    @staticmethod
    def key(*parts: str) -> str:
        return hashlib.sha256("\x1f".join((FORMAT, *parts)).encode()).hexdigest()

    def get(self, key: str) -> bytes | None:
        with self._lock:
            held = self._memory.get(key)
            if held is not None:
                self._memory.move_to_end(key)
                return held
        path = self._path(key)
        if path is None:
            return None
        try:
            pcm = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        self._remember(key, pcm)
        return pcm

    def has(self, key: str) -> bool:
        path = self._path(key)
        with self._lock:
            held = key in self._memory
        return held or (path is not None and path.is_file())

    def kept(self, key: str) -> bool:
        """Whether it will be there after a restart; without a disk, whether it is there."""
        path = self._path(key)
        return self.has(key) if path is None else path.is_file()

    def put(self, key: str, pcm: bytes, *, keep: bool) -> None:
        """`keep`: on disk too."""
        self._remember(key, pcm)
        path = self._path(key)
        if not keep or path is None or path.is_file():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
        partial.write_bytes(pcm)
        partial.replace(path)
        self._make_room(len(pcm))

    def _path(self, key: str) -> Path | None:
        return self._disk / key[:2] / f"{key}.pcm" if self._disk is not None else None

    def _remember(self, key: str, pcm: bytes) -> None:
        with self._lock:
            self._held += len(pcm) - len(self._memory.pop(key, b""))
            self._memory[key] = pcm
            while self._held > self._memory_bytes and len(self._memory) > 1:
                _, dropped = self._memory.popitem(last=False)
                self._held -= len(dropped)

    def _make_room(self, added: int) -> None:
        assert self._disk is not None
        with self._lock:
            if self._disk_used is None:
                self._disk_used = sum(stat[1] for stat in self._files())
            else:
                self._disk_used += added
            if self._disk_used <= self._disk_bytes:
                return
            for _, size, path in sorted(self._files()):
                path.unlink(missing_ok=True)
                self._disk_used -= size
                if self._disk_used <= self._disk_bytes * 0.8:
                    return

    def _files(self) -> list[tuple[float, int, Path]]:
        assert self._disk is not None
        found = []
        for path in self._disk.glob("*/*.pcm"):
            try:
                stat = path.stat()
            except FileNotFoundError:  # another process made room too
                continue
            found.append((stat.st_mtime, stat.st_size, path))
        return found
