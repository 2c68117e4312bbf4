"""What a lab is made of: reads sites.toml and gives every site and host its addresses. Touches nothing."""

import tomllib
from dataclasses import dataclass, field

KINDS = ("open", "full-cone", "restricted", "symmetric", "firewall", "two-interfaces", "one-relay")
NAT_KINDS = ("full-cone", "restricted", "symmetric")
MAX_SITES = 64  # as the router has it
MAX_HOSTS = 32
LINK_KEYS = {"delay_ms": 0.0, "jitter_ms": 0.0, "loss_percent": 0.0, "rate_mbit": 0.0, "queue_kib": 256.0}


class BadSites(Exception):
    """The description of the sites is wrong, and how."""


@dataclass
class Site:
    name: str
    index: int
    kind: str
    hosts: int = 1
    relay: str = ""  # of one-relay: SITE[.HOST], the only one it reaches
    ipv6: bool = False

    @property
    def is_nat(self):
        return self.kind in NAT_KINDS

    @property
    def inside_net(self):
        """All NAT sites use the same private addresses, as homes do."""
        return "192.168.1" if self.is_nat else f"198.18.{self.index}"

    def inside_address(self, host):
        return f"{self.inside_net}.{host + 9}"

    def outside_address(self, host):
        """Where others see a host of this site come from."""
        return f"198.18.{self.index}.1" if self.is_nat else self.inside_address(host)

    def ipv6_address(self, host):
        return f"2001:db8:{self.index:x}::{host + 9:x}" if self.ipv6 else ""


@dataclass
class Sites:
    sites: dict
    defaults: dict
    pairs: dict = field(default_factory=dict)  # (A, B) in the order of the sites -> what differs from the defaults
    seed: int = 1

    def host(self, word):
        """`SITE` or `SITE.HOST`, hosts counted from 1."""
        name, _, number = word.partition(".")
        site = self.sites.get(name)
        if site is None:
            raise BadSites(f"no site {name!r}; there are {', '.join(self.sites)}")
        if number and not number.isdigit() or not 1 <= int(number or 1) <= site.hosts:
            raise BadSites(f"no host {word!r}; site {name} has 1 to {site.hosts}")
        return site, int(number or 1)

    def hosts(self):
        return [(site, host) for site in self.sites.values() for host in range(1, site.hosts + 1)]

    def link(self, a, b):
        return {**self.defaults, **self.pairs.get((a, b), self.pairs.get((b, a), {}))}


def _link_values(table, where, also=()):
    for key, value in table.items():
        if key in also:
            continue
        if key not in LINK_KEYS:
            raise BadSites(f"{where}: no such key {key!r}; there are {', '.join(LINK_KEYS)}")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            raise BadSites(f"{where}: {key} is not a number of at least 0")
    return {key: float(value) for key, value in table.items() if key in LINK_KEYS}


def _site(name, index, table):
    where = f"site.{name}"
    if not name.replace("-", "").isalnum() or not name.isascii() or len(name) > 24:
        raise BadSites(f"{where}: a name is letters, digits and '-', at most 24")
    unknown = set(table) - {"kind", "hosts", "relay", "ipv6"}
    if unknown:
        raise BadSites(f"{where}: no such key {sorted(unknown)[0]!r}")
    site = Site(name, index, table.get("kind", "open"), table.get("hosts", 1), table.get("relay", ""),
                table.get("ipv6", False))
    if site.kind not in KINDS:
        raise BadSites(f"{where}: no kind {site.kind!r}; there are {', '.join(KINDS)}")
    if not isinstance(site.hosts, int) or not 1 <= site.hosts <= MAX_HOSTS:
        raise BadSites(f"{where}: hosts is not 1 to {MAX_HOSTS}")
    if (site.kind == "one-relay") != bool(site.relay):
        raise BadSites(f"{where}: 'relay' goes with the kind one-relay, and only with it")
    if site.ipv6 and site.kind != "open":
        raise BadSites(f"{where}: only open sites have IPv6")
    return site


def parse(text):
    try:
        top = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSites(f"not TOML: {error}") from error
    unknown = set(top) - {"seed", "defaults", "site", "link"}
    if unknown:
        raise BadSites(f"no such key {sorted(unknown)[0]!r}; there are seed, defaults, site, link")
    sites = {name: _site(name, index, table) for index, (name, table) in enumerate(top.get("site", {}).items(), 1)}
    if not 1 <= len(sites) <= MAX_SITES:
        raise BadSites(f"there are {len(sites)} sites; a lab has 1 to {MAX_SITES}")
    result = Sites(sites, {**LINK_KEYS, **_link_values(top.get("defaults", {}), "defaults")}, seed=top.get("seed", 1))
    for number, table in enumerate(top.get("link", []), 1):
        where = f"link {number}"
        between = table.get("between", [])
        if len(between) != 2 or between[0] == between[1] or any(name not in sites for name in between):
            raise BadSites(f"{where}: 'between' names two different sites")
        result.pairs[tuple(between)] = _link_values(table, where, ("between",))
    for site in sites.values():
        if site.relay:
            result.host(site.relay)
    return result
