import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from shelf.app import App


class Requests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name
        with open(os.path.join(self.root, "a b.txt"), "w") as file:
            file.write("hello")
        self.app = App(self.root)

    def test_get(self):
        response = self.app.handle("GET", "/a%20b.txt")
        self.assertEqual((response.status, response.body), (200, b"hello"))
        self.assertIn(b'href="a%20b.txt"', self.app.handle("GET", "/").body)
        self.assertEqual(self.app.handle("GET", "/../x").status, 404)

    def test_put(self):
        self.assertEqual(self.app.handle("PUT", "/incoming/x/y", b"1").status, 201)
        self.assertEqual(self.app.handle("GET", "/incoming/x/y").body, b"1")
        self.assertEqual(self.app.handle("PUT", "/z", b"1").status, 403)


if __name__ == "__main__":
    unittest.main()
