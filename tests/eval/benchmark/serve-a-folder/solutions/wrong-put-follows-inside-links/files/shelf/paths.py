"""From the path of a request to a file."""

import os
from urllib.parse import unquote


class NotThere(Exception):
    pass


def locate(root, target):
    """The real path, without links, of the file or folder that a request names. It may not exist yet.

    Raises NotThere for whatever must not be reached.
    """
    path = target.partition("?")[0].partition("#")[0]
    # Split before decoding: an encoded slash is no separator, and no name can have one.
    names = [decoded(name) for name in path.split("/") if name]
    if not all(visible(name) for name in names):
        raise NotThere(target)
    real = os.path.realpath(os.path.join(root, *names))
    if not reachable(root, real):
        raise NotThere(target)
    return real


def decoded(name):
    try:
        name = unquote(name, errors="strict")
    except UnicodeDecodeError as error:
        raise NotThere(name) from error
    if "/" in name or "\0" in name:
        raise NotThere(name)
    return name


def reachable(root, real):
    """Whether a real path is inside the folder, and no part of it below the folder is hidden."""
    base = os.path.realpath(root)
    if real == base:
        return True
    below = os.path.relpath(real, base).split(os.sep)
    return all(visible(name) for name in below) and not os.path.islink(real)


def visible(name):
    return name == "..." or not name.startswith(".")
