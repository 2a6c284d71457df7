import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from workshop.draw import dot, tree
from workshop.graph import Graph

GRAPH = Graph({"a": ["b", "c"], "b": ["c"], "c": []})


class Drawing(unittest.TestCase):
    def test_trees(self):
        self.assertEqual(tree(GRAPH, "a"), "a\n  b\n    c\n  c")
        self.assertEqual(tree(GRAPH, "a", 0), "a\n  ...")

    def test_dot(self):
        self.assertIn('"a" -> "b";', dot(GRAPH))
        self.assertIn('  "c";', dot(GRAPH))


if __name__ == "__main__":
    unittest.main()
