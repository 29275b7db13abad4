"""Loaded by every local worker as it starts: Ctrl-C is for whoever asked, who then lets the workers go."""

from __future__ import annotations

import signal

# A terminal sends Ctrl-C to the whole process group; workers that took it would each print a traceback.
signal.signal(signal.SIGINT, signal.SIG_IGN)
