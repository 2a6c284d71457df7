import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from slugs.pages import Page, Site, sitemap


class Pages(unittest.TestCase):
    def test_addresses(self):
        with tempfile.TemporaryDirectory() as folder:
            site = Site(os.path.join(folder, "r.json"))
            pages = [Page("1", "About us", [Page("2", "Team")]), Page("3", "Team")]
            found = site.addresses(pages)
            self.assertEqual(found["2"], "https://pages.example.com/about-us/team")
            self.assertEqual(found["3"], "https://pages.example.com/team-2")
            self.assertEqual(site.moved(found, pages), {})
            self.assertEqual(sitemap(found).count("<loc>"), 3)


if __name__ == "__main__":
    unittest.main()
