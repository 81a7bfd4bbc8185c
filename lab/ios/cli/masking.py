"""What must not stand in the journal: passwords, keys and shared secrets within a typed line."""

from __future__ import annotations

import re

SECRET = re.compile(r"(?i)\b(pass\w*|sec\w*|key-string|community|pre-shared-key|realm-key|shared-secret)(\s+[0-9](?=\s))?\s+\S+")
KEPT = re.compile(r"(?i)^\s*(no\s+)?(show|security-policy|secure-|ip\s+http\s+secure|secondary)")


def masked(line: str) -> str:
    """A line as it may be written down."""
    return line if KEPT.match(line) else SECRET.sub(lambda found: f"{found[1]}{found[2] or ''} ***", line)
