"""Events that wait."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Deque, Dict, List, Optional, Sequence, Tuple

from ._errors import EventKind
from ._options import Settings
from ._spool import Spool, SpoolFile


@dataclass
class Batch:
    """Events of one kind that go out in one request."""

    kind: EventKind
    #: JSON of each event with its line end; None while they are in the file only.
    lines: Optional[List[bytes]]
    #: Of the events; 0 for a file of an earlier process, until it has been read.
    count: int
    size_bytes: int
    #: Where the events are kept too, when there is a spool.
    file: Optional[SpoolFile]
    #: Place in the order of sending, from 1; 0 while it is open. The halves of a split one have its number.
    number: int = 0


class BatchQueue:
    """An open batch for each kind, and sealed ones in the order in which they go out. Bounded in events and bytes; not safe for threads.

    When memory is full and there is a spool, the newest sealed batches are left to their files; when that does not help, an event has no
    room: what waits longest is kept, so that a range of time without gaps arrives.
    """

    def __init__(self, settings: Settings, spool: Optional[Spool]) -> None:
        self._settings = settings
        self._spool = spool
        self._open: Dict[EventKind, Batch] = {}
        self._sealed: Deque[Batch] = deque()
        #: Of the batch that was sealed last: when the head is beyond it, all that was sealed by then has been settled.
        self.last_number = 0
        self.memory_events = 0
        #: Bytes of JSON in memory.
        self.memory_bytes = 0
        self._spool_bytes = 0
        self._evicted_events = 0

    @property
    def events(self) -> int:
        """Events that wait, in memory and in files."""
        return self.memory_events + self._evicted_events

    @property
    def head(self) -> Optional[Batch]:
        """The batch that goes out next."""
        return self._sealed[0] if self._sealed else None

    @property
    def has_open(self) -> bool:
        return bool(self._open)

    def push(self, kind: EventKind, line: bytes) -> bool:
        """Takes an event. False when there is no room for it."""
        size = len(line)
        if not self._make_room(size):
            return False
        batch = self._open.get(kind)
        if batch is not None and batch.size_bytes + size > self._settings.max_batch_bytes:
            self._seal(batch)
            batch = None
        if batch is None:
            batch = self._open[kind] = self._begin(kind)
        assert batch.lines is not None  # an open batch is never evicted
        batch.lines.append(line)
        batch.count += 1
        batch.size_bytes += size
        self.memory_events += 1
        self.memory_bytes += size
        if batch.file is not None:
            batch.file.append(line)
            self._spool_bytes += size
        if batch.count >= self._settings.max_batch_events or batch.size_bytes >= self._settings.max_batch_bytes:
            self._seal(batch)
        return True

    def seal_all(self) -> None:
        """Makes everything ready to go out."""
        for batch in list(self._open.values()):
            self._seal(batch)

    def add_left(self, files: Sequence[Tuple[EventKind, SpoolFile]]) -> None:
        """Queues what an earlier process left behind."""
        for kind, file in files:
            self._seal(Batch(kind, None, 0, file.size_bytes, file))
            self._spool_bytes += file.size_bytes

    def restore(self, batch: Batch, lines: List[bytes]) -> None:
        """Gives the head its events back after they were read from the file."""
        self._evicted_events -= batch.count
        batch.lines = lines
        batch.count = len(lines)
        self.memory_events += len(lines)
        self.memory_bytes += batch.size_bytes

    def split_head(self) -> None:
        """Puts two batches in the place of the head, whose events they share."""
        batch = self._sealed.popleft()
        lines = batch.lines or []
        middle = (len(lines) + 1) // 2
        # The file goes when the last part has gone; until then a crash sends all of it again, which is harmless.
        for part, file in ((lines[middle:], batch.file), (lines[:middle], None)):
            self._sealed.appendleft(Batch(batch.kind, part, len(part), sum(map(len, part)), file, batch.number))

    def remove_head(self) -> None:
        """Takes the head away: its events are stored, or given up."""
        batch = self._sealed.popleft()
        if batch.lines is None:
            self._evicted_events -= batch.count
        else:
            self.memory_events -= batch.count
            self.memory_bytes -= batch.size_bytes
        if batch.file is not None:
            self._spool_bytes -= batch.file.size_bytes
            batch.file.remove()

    def abandon(self) -> List[Tuple[EventKind, int, bool]]:
        """Forgets whatever waits. Returns how many events of which kind, and whether a file keeps them for the next process."""
        self.seal_all()
        given = [(b.kind, b.count, b.file is not None and not b.file.failed) for b in self._sealed]
        self._sealed.clear()
        self.memory_events = self.memory_bytes = self._evicted_events = 0
        return given

    def has_room(self) -> bool:
        """Whether there is room for a whole batch more in memory."""
        settings = self._settings
        margin = min(settings.max_batch_bytes, settings.max_queue_bytes // 2)
        return self.events < settings.max_queue_events and self.memory_bytes + margin < settings.max_queue_bytes

    def _make_room(self, size: int) -> bool:
        if self._fits(size):
            return True
        if self._spool is None or not self._spool.works or self._spool_bytes + size > self._settings.max_spool_bytes:
            return False
        for batch in reversed(self._sealed):
            # Not the head, which may be on its way, nor its other half: the file of a half holds the whole.
            if self._fits(size) or batch.number == self._sealed[0].number:
                break
            if batch.lines is None or batch.file is None or batch.file.failed:
                continue
            batch.lines = None
            self.memory_events -= batch.count
            self.memory_bytes -= batch.size_bytes
            self._evicted_events += batch.count
        return self._fits(size)

    def _fits(self, size: int) -> bool:
        settings = self._settings
        return self.memory_events < settings.max_queue_events and self.memory_bytes + size <= settings.max_queue_bytes

    def _begin(self, kind: EventKind) -> Batch:
        has_space = self._spool is not None and self._spool_bytes < self._settings.max_spool_bytes
        file = self._spool.create(kind) if self._spool is not None and has_space else None
        return Batch(kind, [], 0, 0, file)

    def _seal(self, batch: Batch) -> None:
        if self._open.get(batch.kind) is batch:
            del self._open[batch.kind]
        if batch.file is not None:
            batch.file.seal()
        self.last_number += 1
        batch.number = self.last_number
        self._sealed.append(batch)
