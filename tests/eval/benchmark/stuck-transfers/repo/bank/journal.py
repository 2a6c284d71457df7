"""What happened, in order."""

import threading


class Journal:
    def __init__(self):
        self._lock = threading.Lock()
        self._entries = []

    def add(self, *entry):
        with self._lock:
            self._entries.append(entry)

    def entries(self):
        with self._lock:
            return list(self._entries)
