"""Messages that wait to be sent, as files in a folder."""

import hashlib
import os


class Outbox:
    """One file for each message; a message that was sent once is not sent again."""

    def __init__(self, folder):
        self.folder = folder
        self.sent = os.path.join(folder, "sent")
        os.makedirs(self.sent, exist_ok=True)

    def put(self, address, text):
        """Puts a message into the outbox; returns whether it is a new one."""
        name = hashlib.sha256(f"{address}\n{text}".encode()).hexdigest()[:16] + ".eml"
        if os.path.exists(os.path.join(self.sent, name)):
            return False
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(f"To: {address}\n{text}")
        return True

    def waiting(self):
        return sorted(name for name in os.listdir(self.folder) if name.endswith(".eml"))

    def send(self, transport):
        """Hands each message to the transport; returns how many it took. The others wait."""
        count = 0
        for name in self.waiting():
            path = os.path.join(self.folder, name)
            with open(path, encoding="utf-8") as file:
                taken = transport(file.read())
            if taken:
                os.replace(path, os.path.join(self.sent, name))
                count += 1
        return count
