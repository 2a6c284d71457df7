"""Reads the sites of version 2, and says what is wrong with them."""

import json
import os

LEVELS = ("debug", "info", "warning", "error")


class BadSite(Exception):
    pass


def need(holds, name, told):
    if not holds:
        raise BadSite(f"{name}: {told}")


def whole(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def texts(value):
    return isinstance(value, list) and all(isinstance(one, str) and one == one.strip() and one for one in value)


def check(name, site):
    """Raises BadSite for a site that cannot be served."""
    known = {"hosts", "listen", "limits", "allow", "compress", "cache", "log", "redirects", "env", "disabled"}
    for key in site:
        need(key in known, name, f"{key} is not known")
    for key in known - {"allow", "disabled"}:
        need(key in site, name, f"{key} is missing")
    need(texts(site["hosts"]) and site["hosts"], name, "hosts")
    need(texts(site.get("allow", [])), name, "allow")
    need(set(site["listen"]) == {"port", "tls"}, name, "listen")
    need(whole(site["listen"]["port"]) and 0 < site["listen"]["port"] < 65536, name, "listen.port")
    need(isinstance(site["listen"]["tls"], bool), name, "listen.tls")
    need(set(site["limits"]) == {"timeout_ms", "body_bytes"}, name, "limits")
    need(all(whole(value) for value in site["limits"].values()), name, "limits")
    need(isinstance(site["compress"], bool), name, "compress")
    if site["cache"] is not None:
        need(set(site["cache"]) == {"ttl_s", "bytes", "ignore"}, name, "cache")
        need(whole(site["cache"]["ttl_s"]) and whole(site["cache"]["bytes"]), name, "cache")
        need(texts(site["cache"]["ignore"]), name, "cache.ignore")
    need(site["log"].get("level") in LEVELS, name, "log.level")
    need(set(site["log"]) <= {"level", "path"}, name, "log")
    for one in site["redirects"]:
        need(set(one) == {"from", "to"}, name, "redirects")
    for variable, value in site["env"].items():
        secret = isinstance(value, dict) and set(value) == {"secret"}
        need(isinstance(value, str) or secret, name, f"env.{variable}")


def load(folder):
    """All sites of a folder that are not disabled, by their names."""
    sites = {}
    for file_name in sorted(os.listdir(folder)):
        name, end = os.path.splitext(file_name)
        if end != ".json":
            raise BadSite(f"{file_name} is not a site")
        with open(os.path.join(folder, file_name), encoding="utf-8") as file:
            site = json.load(file)
        check(name, site)
        if not site.get("disabled"):
            sites[name] = site
    hosts = [host for site in sites.values() for host in site["hosts"]]
    need(len(hosts) == len(set(hosts)), folder, "a host is there twice")
    return sites
