# Copyright: (c) 2026, collab.security contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes several targets in lines of work that run side by side, and says at the end which of them hold.

    python tools/parts.py PART PART / PART PART ...

A line's parts run one after the other; the output of a part is printed whole when it ends, so that two lines never mix. All parts
run, whatever fails before; the exit code is 1 if any part failed.
"""
from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

PRINTING = threading.Lock()


def make(part: str) -> tuple[int, float]:
    """Make one target and print its output whole. Returns exit code and seconds."""
    start = time.monotonic()
    done = subprocess.run([os.environ.get("MAKE", "make"), "--no-print-directory", part], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", check=False)
    seconds = time.monotonic() - start
    with PRINTING:
        print(f"\n== {part}: {'ok' if done.returncode == 0 else 'FAILED'} after {seconds:.0f} s\n{done.stdout.rstrip()}", flush=True)
    return done.returncode, seconds


def main(words: list[str]) -> int:
    """Run the lines that `words` (separated by /) name. Returns the exit code."""
    lines: list[list[str]] = [[]]
    for word in words:
        if word == "/":
            lines.append([])
        else:
            lines[-1].append(word)
    results: dict[str, tuple[int, float]] = {}

    def work(line: list[str]) -> None:
        for part in line:
            results[part] = make(part)

    start = time.monotonic()
    threads = [threading.Thread(target=work, args=(line,)) for line in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("\n== summary")
    for line in lines:
        for part in line:
            code, seconds = results[part]
            print(f"{'ok    ' if code == 0 else 'FAILED'} {part:12} {seconds:6.0f} s")
    failed = [part for part, (code, seconds) in results.items() if code]
    print(f"{'FAILED: ' + ' '.join(failed) if failed else 'everything holds'} ({time.monotonic() - start:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
