import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "src"))
from texts import Texts, read_properties, read_strings


class TextsTest(unittest.TestCase):
    def test_languages(self):
        texts = Texts()
        self.assertEqual(texts.plain("de", "menu.file"), "Datei")
        self.assertEqual(texts.plain("fr", "menu.file"), "Fichier")
        self.assertEqual(texts.text("ru", "menu.file"), "&File")
        self.assertIn("チーム", texts.text("ja", "mail.greeting"))
        self.assertEqual(texts.text("xx", "no.such.key"), "no.such.key")

    def test_lines_that_go_on(self):
        self.assertEqual(read_properties("a=one \\\n   two\n# c\nb = x\n"), {"a": "one two", "b": " x"})

    def test_strings(self):
        self.assertEqual(read_strings('/* c */\r\n"a" = "x \\"y\\"";\r\n'), {"a": 'x "y"'})


if __name__ == "__main__":
    unittest.main()
