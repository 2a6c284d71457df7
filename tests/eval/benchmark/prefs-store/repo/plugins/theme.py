"""Follows the theme."""

from prefs import all_prefs, delete_pref, get_pref, watch_prefs

seen = []


def follow():
    return watch_prefs(lambda key, text: seen.append((key, text)) if key.startswith("theme.") else None)


def forget():
    for key in all_prefs("theme."):
        delete_pref(key, save=True)
    return get_pref("theme.dark", False, bool)
