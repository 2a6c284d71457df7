import sys

from slugs import slug

for title in sys.argv[1:]:
    print(slug(title))
