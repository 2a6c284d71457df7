import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from mailer.letter import Letter
from mailer.send import FOOTER, messages

KIM = {"name": "Kim", "mail": "kim@example.com"}


class Messages(unittest.TestCase):
    def test_names_are_filled_in(self):
        letter = Letter.parse("Subject: Dear {name}\n\nHello {name}, {other}")
        self.assertEqual(messages(letter, [KIM]), [("kim@example.com", "Subject: Dear Kim\n\nHello Kim, {other}\n\n" + FOOTER + "\n")])


if __name__ == "__main__":
    unittest.main()
