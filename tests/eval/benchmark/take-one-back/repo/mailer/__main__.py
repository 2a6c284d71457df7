import sys

from mailer.letter import Letter
from mailer.members import read
from mailer.send import messages


def main(arguments):
    if len(arguments) != 3 or arguments[0] != "preview":
        print("usage: python3 -m mailer preview LETTER.txt MEMBERS.csv", file=sys.stderr)
        return 2
    with open(arguments[1], encoding="utf-8") as file:
        letter = Letter.parse(file.read())
    for address, text in messages(letter, read(arguments[2])):
        print(f"To: {address}\n{text}")
        print("-" * 40)
    return 0


sys.exit(main(sys.argv[1:]))
