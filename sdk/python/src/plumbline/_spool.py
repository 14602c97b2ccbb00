"""Keeps batches in files until the server has them."""

from __future__ import annotations

import errno
import os
import re
import socket
import time
from typing import Callable, List, Optional, Set, Tuple

from ._errors import EventKind, PlumblineError

#: A folder of another host, on a shared disk, is taken over after this time without a change.
_FOREIGN_IDLE_SECONDS = 3600.0
_FOLDER = re.compile(r"(.+)-(\d+)-[0-9a-f]{12}")
_FILE = re.compile(r"\d+\.(prediction|label)\.ndjson")

#: Clients of this process: their folders have the same process id, and none of them was left behind.
_own_folders: Set[str] = set()


class SpoolFile:
    """A file that holds the events of one batch, a line each. What was appended is with the operating system when ``append`` returns."""

    def __init__(self, path: str, on_failure: Callable[[Exception], None], size_bytes: int = 0) -> None:
        self.path = path
        self.size_bytes = size_bytes
        self.failed = False
        self._on_failure = on_failure
        self._descriptor: Optional[int] = None

    def append(self, line: bytes) -> None:
        if self.failed:
            return
        try:
            if self._descriptor is None:
                self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            written = os.write(self._descriptor, line)
            if written < len(line):
                raise OSError(errno.ENOSPC, "the disk is full")
            self.size_bytes += written
        except OSError as error:
            self.failed = True
            self._on_failure(error)

    def seal(self) -> None:
        """No more is appended."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def read(self) -> List[bytes]:
        """The lines with their ends. One that a crash cut off is left out. Raises OSError when the file cannot be read."""
        with open(self.path, "rb") as file:
            return [line for line in file if line.endswith(b"\n") and line.strip()]

    def remove(self) -> None:
        """Removes the file, since its events have arrived. Never raises."""
        self.seal()
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            pass
        except OSError as error:
            self._on_failure(error)


class Spool:
    """One folder for each client, one file for each batch.

    Taking over what a process left behind is a rename, so that of several processes one does it; should two send the same, ids make
    that harmless. The SDK for TypeScript uses the same layout.
    """

    def __init__(self, root: str, on_error: Callable[[PlumblineError], None]) -> None:
        self.root = root
        self.works = True
        self._on_error = on_error
        self._name = f"{socket.gethostname()}-{os.getpid()}-{os.urandom(6).hex()}"
        self._folder = os.path.join(root, self._name)
        self._next = 0
        _own_folders.add(self._name)
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
        except OSError as error:
            self._fail(error)

    def create(self, kind: EventKind) -> Optional[SpoolFile]:
        return SpoolFile(self._next_path(kind), self._fail) if self.works else None

    def take_over(self) -> List[Tuple[EventKind, SpoolFile]]:
        """Moves the files of processes that have ended here, the oldest first. Never raises."""
        taken: List[Tuple[EventKind, SpoolFile]] = []
        try:
            for entry in sorted(os.listdir(self.root)):
                if self._is_left(entry):
                    self._take_folder(os.path.join(self.root, entry), taken)
        except OSError as error:
            self._fail(error)
        return taken

    def close(self) -> None:
        """Removes the folder of this client when nothing is left in it."""
        _own_folders.discard(self._name)
        try:
            os.rmdir(self._folder)
        except OSError:
            pass  # not empty: the next process takes it over

    def _take_folder(self, folder: str, taken: List[Tuple[EventKind, SpoolFile]]) -> None:
        for name in sorted(os.listdir(folder)):
            match = _FILE.fullmatch(name)
            if match is None:
                continue
            kind: EventKind = "label" if match[1] == "label" else "prediction"
            path = self._next_path(kind)
            try:
                os.rename(os.path.join(folder, name), path)
                taken.append((kind, SpoolFile(path, self._fail, os.stat(path).st_size)))
            except FileNotFoundError:
                pass  # another process was quicker
        try:
            os.rmdir(folder)
        except OSError:
            pass

    def _is_left(self, entry: str) -> bool:
        match = _FOLDER.fullmatch(entry)
        if match is None or entry in _own_folders:
            return False
        if match[1] == socket.gethostname():
            return int(match[2]) == os.getpid() or not _is_alive(int(match[2]))
        return time.time() - os.stat(os.path.join(self.root, entry)).st_mtime > _FOREIGN_IDLE_SECONDS

    def _next_path(self, kind: EventKind) -> str:
        self._next += 1
        return os.path.join(self._folder, f"{self._next:010d}.{kind}.ndjson")

    def _fail(self, error: Exception) -> None:
        if not self.works:
            return
        self.works = False
        message = f"the spool folder {self.root} cannot be used, so events are kept in memory only: {error}"
        self._on_error(PlumblineError("spool_failed", message))


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
