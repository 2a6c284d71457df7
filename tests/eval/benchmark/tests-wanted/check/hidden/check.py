import io
import os
import sys
import types
import unittest

# Each is one mistake in intervals.py that good tests notice.
MISTAKES = [
    ('bisect_left(self._ends, low - 1)',
     'bisect_left(self._ends, low)'),
    ('bisect_right(self._starts, high + 1)',
     'bisect_right(self._starts, high)'),
    ('low = min(low, self._starts[first])',
     'low = self._starts[first]'),
    ('high = max(high, self._ends[last - 1])',
     'high = max(high, self._ends[first])'),
    ('first = bisect_left(self._ends, low)\n',
     'first = bisect_right(self._ends, low)\n'),
    ('last = bisect_right(self._starts, high)\n',
     'last = bisect_left(self._starts, high)\n'),
    ('ends.append(low - 1)',
     'ends.append(low)'),
    ('ends.append(self._ends[last - 1])',
     'ends.append(self._ends[first])'),
    ('number <= self._ends[at]',
     'number < self._ends[at]'),
    ('return at >= 0 and number',
     'return number'),
    ('high - low + 1 for',
     'high - low for'),
    ('            if end < low:\n                continue\n            if start > high',
     '            if start > high'),
    ('if start > high:\n                break',
     'if start >= high:\n                break'),
    ('        if low <= high:\n            found.append((low, high))',
     '        if low < high:\n            found.append((low, high))'),
    ('if start > low:\n                found',
     'if start >= low:\n                found'),
    ('start - low >= count',
     'start - low > count'),
    ('low = max(low, end + 1)',
     'low = end + 2 if low <= end else low'),
    ('if count < 1:',
     'if count < 0:'),
    ('if low < high else str(low)',
     'if low <= high else str(low)'),
    ('or hyphen and not high.strip().isdecimal()',
     'or high and not high.strip().isdecimal()'),
    ('        if not text.strip():\n            return found\n',
     ''),
    ('        result = IntervalSet(self)\n        for low, high in other:\n            result.add',
     '        result = self\n        for low, high in other:\n            result.add'),
    ('        result = IntervalSet(self)\n        for low, high in other:\n            result.remove',
     '        result = self\n        for low, high in other:\n            result.remove'),
    ('            return NotImplemented\n',
     '            return list(self) == list(other)\n'),
    ('        return iter(list(zip(self._starts, self._ends)))',
     '        return iter(sorted(zip(self._starts, self._ends), reverse=True))'),
]


def module(name, text):
    made = types.ModuleType(name)
    sys.modules[name] = made
    exec(compile(text, f"{name}.py", "exec"), made.__dict__)
    return made


def run(text):
    """Runs the tests against a version of the module; returns whether they pass, and the output."""
    module("intervals", text)
    output = io.StringIO()
    suite = unittest.defaultTestLoader.loadTestsFromModule(module("test_intervals", tests))
    result = unittest.TextTestRunner(output, failfast=True).run(suite)
    return result.wasSuccessful() and result.testsRun > 0, output.getvalue()


if not os.path.exists("test_intervals.py"):
    sys.exit("test_intervals.py is not there")
with open("test_intervals.py", encoding="utf-8") as file:
    tests = file.read()
with open("hidden/intervals.txt", encoding="utf-8") as file:
    right = file.read()
with open("intervals.py", encoding="utf-8") as file:
    assert file.read() == right, "intervals.py was changed"
with open("hidden/other.txt", encoding="utf-8") as file:
    other = file.read()
for told, text in (("the module as it is", right), ("another module that does the same", other)):
    passes, output = run(text)
    if not passes:
        sys.exit(f"the tests fail for {told}: {output[-1500:]}")
unseen = []
for old, new in MISTAKES:
    assert right.count(old) == 1, old
    if run(right.replace(old, new))[0]:
        unseen.append(f"{old.strip()} -> {new.strip()}")
if len(unseen) > 2:
    sys.exit(f"the tests do not notice {len(unseen)} of {len(MISTAKES)} mistakes:\n" + "\n".join(unseen))
print("passed")
