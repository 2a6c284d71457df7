import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import prefs
from plugins import portable, recent


class Prefs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        portable.move_to(self.folder)

    def text(self):
        with open(os.path.join(self.folder, "prefs"), encoding="utf-8") as file:
            return file.read()

    def test_values_are_kept(self):
        prefs.set_pref("a", 1)
        prefs.set_pref("b", True)
        self.assertEqual(self.text(), "a=1\nb=true\n")
        self.assertEqual((prefs.get_pref("a", kind=int), prefs.get_pref("b", None, bool)), (1, True))

    def test_recent(self):
        recent.opened("x")
        recent.opened("y")
        self.assertEqual(recent.recent(), ["y", "x"])
        self.assertEqual(self.text(), "recent.files=y\\nx\n")


if __name__ == "__main__":
    unittest.main()
