import os
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)
from gauge.alarm import Alarms
from gauge.config import read


class AlarmTest(unittest.TestCase):
    def setUp(self):
        self.alarms = Alarms(read(os.path.join(ROOT, "meters.ini")))

    def test_limits(self):
        self.assertIsNone(self.alarms.reading("A1", 100, 0))
        self.assertIn("Hall", self.alarms.reading("A1", 3000, 1))
        self.assertIn("not configured", self.alarms.reading("Z", 1, 1))

    def test_silence(self):
        self.alarms.reading("A1", 100, 1000)
        self.assertNotIn("A1", self.alarms.silent(1500))
        self.assertIn("A1", self.alarms.silent(1700))


if __name__ == "__main__":
    unittest.main()
