import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.getcwd())
from mailer import members
from mailer.letter import Letter
from mailer.send import FOOTER, messages, summary

def same(got, want):
    assert got == want, f"got {got!r}, wanted {want!r}"

PEOPLE = [{"name": "Kim", "mail": "kim@example.com"}, {"name": "Lee", "mail": "Kim@example.com", "town": "Ulm"},
          {"name": "Ida", "mail": "kim@example.com", "stop": "x"}, {"name": "Bo", "mail": ""}, {"name": "", "mail": "a@example.com"}]
letter = Letter.parse("Subject: {name|friend}\n\nHello {name|friend} from {town}\n")
def text(name, town="{town}"):
    return f"Subject: {name}\n\nHello {name} from {town}\n\n{FOOTER}\n"
same(messages(letter, PEOPLE), [("kim@example.com", text("Kim")), ("Kim@example.com", text("Lee", "Ulm")), ("a@example.com", text("friend"))])
same(summary(letter, PEOPLE), (3, ["name", "town"]))
same(letter.places(), {"name", "town"})
with tempfile.TemporaryDirectory() as folder:
    with open(os.path.join(folder, "l.txt"), "w", encoding="utf-8") as file:
        file.write("Hi {name}")
    with open(os.path.join(folder, "m.csv"), "w", encoding="utf-8") as file:
        file.write("Name, Mail ,stop\nZoe,z@example.com,\nAda,z@example.com,no\nMax,m@example.com,yes\n")
    same([one["name"] for one in members.read(os.path.join(folder, "m.csv"))], ["Ada", "Max", "Zoe"])
    ended = subprocess.run([sys.executable, "-B", "-m", "mailer", "preview", os.path.join(folder, "l.txt"),
                            os.path.join(folder, "m.csv")], capture_output=True, text=True)
    same(ended.stderr, "2 messages; not everybody has: -\n")
    same(ended.stdout.count("To: z@example.com"), 2)
    assert "Hi Ada\n" in ended.stdout and "Hi Zoe\n" in ended.stdout
print("passed")
