"""`python -m lab`."""

from __future__ import annotations

import sys

from lab.core.cli import main

if __name__ == "__main__":
    sys.exit(main())
