"""Makes a list for the translators: the keys that a language lacks, with the English texts."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "src"))
from texts import Texts


def missing(texts, language):
    own = texts.languages[language]
    return {key: text for key, text in texts.languages["en"].items() if key not in own}


def main():
    texts = Texts()
    for language in sorted(texts.languages):
        lacking = missing(texts, language)
        if not lacking:
            continue
        print(f"[{language}]")
        for key, text in lacking.items():
            print(f"{key}={text}")
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
