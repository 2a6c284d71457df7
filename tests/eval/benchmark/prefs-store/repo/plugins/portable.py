"""Keeps the preferences beside the program, for people who carry it on a stick."""

import os

import prefs


def move_to(folder):
    prefs.PATH = os.path.join(folder, "prefs")
    prefs.load_prefs()


def batch(values):
    for key, value in values.items():
        prefs.set_pref(key, value, False)
    prefs.save_prefs()
