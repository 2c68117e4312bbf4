"""What stands between a site and the world: addresses, routes and the nftables rules of its kind."""

from namespaces import ip_batch, run

# A gateway does not answer strangers: a reset would break simultaneous opens that real NATs let through.
_SILENT = """
  chain input {
    type filter hook input priority 0; policy accept;
    iifname "wan" ct state != { established, related } ip protocol != icmp drop
  }
"""
_NOTHING_IN = """
  chain forward {
    type filter hook forward priority 0; policy accept;
    iifname "wan" ct state != { established, related } drop
  }
"""


def rules(site, relay_address):
    """Nothing for the open kinds."""
    if site.kind == "full-cone":
        # Ports are kept; who sent from a port gets what comes to it, from anywhere. Ports that nobody has sent
        # from belong to the first host, as with a forwarded range.
        return f"""table ip lab {{
  map cone {{ type inet_service : ipv4_addr; flags dynamic, timeout; timeout 5m; size 65535; }}
  chain prerouting {{
    type nat hook prerouting priority -100;
    iifname "wan" meta l4proto {{ tcp, udp }} dnat to th dport map @cone
    iifname "wan" meta l4proto {{ tcp, udp }} dnat to {site.inside_address(1)}
  }}
  chain learn {{
    type filter hook forward priority 10; policy accept;
    oifname "wan" meta l4proto {{ tcp, udp }} update @cone {{ th sport : ip saddr }}
  }}
  chain postrouting {{ type nat hook postrouting priority 100; oifname "wan" masquerade; }}
}}"""
    if site.kind in ("restricted", "symmetric"):
        mapping = "masquerade" + (" fully-random" if site.kind == "symmetric" else "")
        return (f'table ip lab {{\n{_SILENT}{_NOTHING_IN}'
                f'  chain postrouting {{ type nat hook postrouting priority 100; oifname "wan" {mapping}; }}\n}}')
    if site.kind == "firewall":
        return f"table ip lab {{\n{_SILENT}{_NOTHING_IN}}}"
    if site.kind == "one-relay":
        return f"""table ip lab {{
{_SILENT}{_NOTHING_IN}
  chain only {{
    type filter hook forward priority 1; policy accept;
    oifname "wan" ip daddr != {relay_address} drop
  }}
}}"""
    return ""


def build_inside(site, gateway, namespaces):
    """The hosts of a site and its gateway, on one bridge; `namespaces` has a name per host."""
    ip_batch(["link set lo up", "link add lan type bridge", "link set lan up",
              f"addr add {site.inside_net}.1/24 dev lan"], gateway)
    for host, namespace in enumerate(namespaces, 1):
        ip_batch([f"link add h{host} type veth peer name eth0 netns {namespace}", f"link set h{host} master lan up"],
                 gateway)
        lines = ["link set lo up", f"addr add {site.inside_address(host)}/24 dev eth0", "link set eth0 up",
                 f"route add default via {site.inside_net}.1"]
        if site.ipv6:
            lines += [f"addr add {site.ipv6_address(host)}/64 dev eth0 nodad",
                      f"route add default via 2001:db8:{site.index:x}::1"]
        if site.kind == "two-interfaces":
            lines += ["link add docker0 type bridge", "addr add 172.17.0.1/16 dev docker0", "link set docker0 up"]
        if site.ipv6:
            ip_batch([f"addr replace 2001:db8:{site.index:x}::1/64 dev lan nodad"], gateway)
        ip_batch(lines, namespace)


def connect(site, gateway, relay_address):
    """Once the router has put `wan` there. The rules stand before the first packet can pass."""
    if text := rules(site, relay_address):
        run(["ip", "netns", "exec", gateway, "nft", "-f", "-"], text)
    for key in ["ipv4/ip_forward"] + (["ipv6/conf/all/forwarding"] if site.ipv6 else []):
        run(["ip", "netns", "exec", gateway, "sh", "-c", f"echo 1 >/proc/sys/net/{key}"])
    lines = ["link set wan up txqueuelen 2000"]
    if site.is_nat:
        lines.append(f"addr add 198.18.{site.index}.1/32 dev wan")
    lines.append("route add default dev wan")
    if site.ipv6:
        lines.append("-6 route add default dev wan")
    ip_batch([line for line in lines if not line.startswith("-6")], gateway)
    if site.ipv6:
        run(["ip", "-6", "-n", gateway, "route", "add", "default", "dev", "wan"])
