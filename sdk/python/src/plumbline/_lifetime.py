"""What clients do around forks and at the end of the process."""

from __future__ import annotations

import atexit
import os
import sys
import weakref
from typing import TYPE_CHECKING, List

if TYPE_CHECKING:
    from ._client import Plumbline

_clients: "weakref.WeakSet[Plumbline]" = weakref.WeakSet()
#: Clients whose locks are held while the process forks.
_forking: List["Plumbline"] = []


class _Finalizer:
    """Something that multiprocessing can remember a call for."""


_finalizer = _Finalizer()
_is_registered = False


def remember(client: "Plumbline") -> None:
    """Flushes the client at the end of the process, and makes it usable in children."""
    _clients.add(client)


def _close_all() -> None:
    for client in list(_clients):
        client.close()


def _before_fork() -> None:
    _watch_multiprocessing()
    # With its lock held no client is in the middle of a change that the child would inherit.
    _forking[:] = list(_clients)
    for client in _forking:
        client._before_fork()


def _after_fork_in_parent() -> None:
    for client in reversed(_forking):
        client._after_fork_in_parent()
    _forking.clear()


def _after_fork_in_child() -> None:
    for client in _forking:
        client._after_fork_in_child()
    _forking.clear()


def _watch_multiprocessing() -> None:
    """Children of multiprocessing end without atexit; its own finalizers run."""
    global _is_registered
    util = sys.modules.get("multiprocessing.util")
    if util is None or _is_registered:
        return
    _is_registered = True
    util.register_after_fork(_finalizer, lambda _: util.Finalize(_finalizer, _close_all, exitpriority=10))


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
    )
