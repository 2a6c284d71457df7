"""A line for each request, and how often each file was asked for."""

import time
from collections import Counter


class Log:
    def __init__(self, write, clock=time.time):
        self.write = write
        self.clock = clock
        self.counts = Counter()

    def request(self, method, target, response):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.clock()))
        # A target may hold anything: quotes and control characters are written as escapes.
        self.write(f"{stamp} {method} {target!r} {response.status} {len(response.body)}")
        if method == "GET" and response.status == 200:
            self.counts[target.partition("?")[0]] += 1

    def most(self, count=10):
        return self.counts.most_common(count)
