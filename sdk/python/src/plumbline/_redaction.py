"""Names that must not leave the process."""

from __future__ import annotations

import re
from typing import Callable, Dict, Sequence

#: Services use the same few names for ever; one that invents names must not fill the memory.
_MAX_CACHED_NAMES = 10_000


def redaction_of(patterns: Sequence[str]) -> Callable[[str], bool]:
    """A test for names: exact ones, or patterns in which ``*`` stands for any text. Case makes no difference."""
    if not patterns:
        return lambda name: False
    parts = (".*".join(re.escape(text) for text in pattern.split("*")) for pattern in patterns)
    expression = re.compile(f"(?:{'|'.join(parts)})", re.IGNORECASE | re.DOTALL)
    known: Dict[str, bool] = {}

    def is_redacted(name: str) -> bool:
        answer = known.get(name)
        if answer is None:
            if len(known) >= _MAX_CACHED_NAMES:
                known.clear()
            answer = known[name] = expression.fullmatch(name) is not None
        return answer

    return is_redacted
