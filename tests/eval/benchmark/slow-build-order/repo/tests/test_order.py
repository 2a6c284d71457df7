import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from workshop.graph import CycleError, Graph
from workshop.order import affected, build_order

GRAPH = {"b": [], "a": ["c"], "c": ["b"], "d": ["a", "b"]}


class Order(unittest.TestCase):
    def test_needs_come_first(self):
        self.assertEqual(build_order(Graph(GRAPH)), ["b", "c", "a", "d"])

    def test_cycles(self):
        with self.assertRaises(CycleError) as caught:
            build_order(Graph({"x": ["y"], "y": ["x"], "z": ["x"], "a": []}))
        self.assertEqual(caught.exception.parts, ["x", "y", "z"])

    def test_affected(self):
        self.assertEqual(affected(Graph(GRAPH), ["c"]), ["c", "a", "d"])


if __name__ == "__main__":
    unittest.main()
