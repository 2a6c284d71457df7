"""From the path of a request to a file."""

import os
from urllib.parse import unquote


class NotThere(Exception):
    pass


def locate(root, target):
    """The path of the file or folder that a request names. It may not exist yet.

    Raises NotThere for whatever must not be reached.
    """
    path = target.partition("?")[0].partition("#")[0]
    if ".." in path:
        raise NotThere(target)
    names = [name for name in unquote(path).split("/") if name]
    if any(name.startswith(".") for name in names):
        raise NotThere(target)
    return os.path.join(root, *names)


def visible(name):
    return not name.startswith(".")
