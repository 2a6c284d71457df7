import sys

from frontdoor.config import BadSite, load

try:
    for name, site in load(sys.argv[1] if len(sys.argv) > 1 else "sites").items():
        print(f"{name}: {', '.join(site['hosts'])} on {site['listen']['port']}")
except BadSite as error:
    sys.exit(f"frontdoor: {error}")
