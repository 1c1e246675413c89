"""What `precision` and `num_threads` share as context managers."""

import threading


class SettingOfThread:
    """A context manager: `_exchange` sets a number of the calling thread and returns what it was."""

    def __init__(self, number):
        self._number, self._local = number, threading.local()

    def __enter__(self):
        self._local.__dict__.setdefault("before", []).append(self._exchange(self._number))
        return self

    def __exit__(self, *exception):
        self._exchange(self._local.before.pop())
