"""The Python of docs/sdk.md, each piece as a program of its own, before the real server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import List

import pytest

from conftest import ROOT, Server


def snippets() -> List[str]:
    text = (ROOT / "docs" / "sdk.md").read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("code", snippets(), ids=lambda code: code.strip().splitlines()[-1][:40])
def test_runs_and_says_nothing(server: Server, code: str) -> None:
    if "fastapi" in code:
        pytest.importorskip("fastapi")
    environment = {**os.environ, "PLUMBLINE_URL": server.url}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    # The SDK would write to standard error whatever is lost.
    assert (result.returncode, result.stderr) == (0, "")


def test_there_are_some() -> None:
    assert len(snippets()) == 4
