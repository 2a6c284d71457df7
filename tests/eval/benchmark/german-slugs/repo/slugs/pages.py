"""Pages and their addresses."""

from dataclasses import dataclass, field

from slugs.registry import Registry


@dataclass
class Page:
    id: str
    title: str
    children: list = field(default_factory=list)


class Site:
    """Gives each page its address; pages below others have theirs in front."""

    def __init__(self, registry_path, base="https://pages.example.com"):
        self.registry = Registry(registry_path)
        self.base = base.rstrip("/")

    def addresses(self, pages, above=""):
        found = {}
        for page in pages:
            path = f"{above}/{self.registry.take(page.title, page.id)}"
            found[page.id] = self.base + path
            found.update(self.addresses(page.children, path))
        return found

    def moved(self, before, pages):
        """The pages whose address is another one than before: those need a redirect."""
        now = self.addresses(pages)
        return {old: now[page] for page, old in before.items() if page in now and now[page] != old}

    def save(self):
        self.registry.save()


def sitemap(addresses):
    rows = [f"  <url><loc>{address}</loc></url>" for address in sorted(addresses.values())]
    return "<urlset>\n" + "\n".join(rows) + "\n</urlset>\n"
