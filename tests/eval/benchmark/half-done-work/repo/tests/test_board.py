import io
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from board.cli import main
from board.store import Board


class Cli(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "b.json")

    def board(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        return main(["-f", self.path, *arguments], out, err), out.getvalue(), err.getvalue()

    def test_cards_wander(self):
        self.assertEqual(self.board("add", "todo", "buy", "milk"), (0, "1\n", ""))
        self.assertEqual(self.board("move", "1", "doing")[0], 0)
        self.assertEqual(Board.load(self.path).in_column("doing"), [(1, "buy milk")])
        self.assertIn("#1 buy milk", self.board("show")[1])

    def test_unknown_cards(self):
        status, _, err = self.board("move", "9", "done")
        self.assertEqual(status, 2)
        self.assertIn("9", err)


if __name__ == "__main__":
    unittest.main()
