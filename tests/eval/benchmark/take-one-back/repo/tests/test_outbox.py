import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from mailer.outbox import Outbox


class Sending(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.outbox = Outbox(folder.name)

    def test_messages_are_sent_once(self):
        self.assertTrue(self.outbox.put("a@example.com", "x"))
        self.assertTrue(self.outbox.put("b@example.com", "x"))
        heard = []
        self.assertEqual(self.outbox.send(lambda text: heard.append(text) or True), 2)
        self.assertFalse(self.outbox.put("a@example.com", "x"))
        self.assertEqual((len(heard), self.outbox.waiting()), (2, []))

    def test_messages_that_are_not_taken_wait(self):
        self.outbox.put("a@example.com", "x")
        self.assertEqual(self.outbox.send(lambda text: False), 0)
        self.assertEqual(len(self.outbox.waiting()), 1)


if __name__ == "__main__":
    unittest.main()
