import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from shelf.app import Response
from shelf.log import Log


class Lines(unittest.TestCase):
    def test_requests(self):
        lines = []
        log = Log(lines.append, clock=lambda: 0)
        log.request("GET", "/a?b", Response(200, "xyz"))
        log.request("GET", "/\n", Response(404))
        self.assertEqual(lines[0], "1970-01-01T00:00:00Z GET '/a?b' 200 3")
        self.assertNotIn("\n", lines[1])
        self.assertEqual(log.most(), [("/a", 1)])


if __name__ == "__main__":
    unittest.main()
