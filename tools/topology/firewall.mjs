// Rules for nftables, in a table of their own: Docker's rules stay as they are, and what is dropped here is dropped whatever they say.

const set = (names) => `{ ${names.map((name) => `"${name}"`).join(', ')} }`;

/** Text of ops/firewall/lucid.nft. */
export function firewallFile({ networks }) {
  const bridges = Object.values(networks).map(({ bridge }) => bridge);
  const inside = Object.values(networks).filter(({ internal }) => internal);
  const front = Object.values(networks).filter(({ internal, egress }) => !internal && !egress);
  const edge = Object.values(networks).filter(({ egress }) => egress);
  const each = (list, rule) => list.map(({ bridge }) => `    ${rule(bridge)}`).join('\n');
  return `#!/usr/sbin/nft -f
# Written by tools/generate-topology.mjs from libs/topology; edit that.
#
# What Docker's own rules leave open: containers of internal networks reach the host's own ports, those of front send packets that
# no answer comes back to, and neighbours of the host reach published containers past the address that they are published at.
# Load: nft -f lucid.nft (again: the same). Take away: nft delete table inet lucid. Containers are known by the bridge they are on.
table inet lucid
delete table inet lucid
table inet lucid {
  # Containers answer the host (health, published ports, \`lucid\`), and ask it nothing.
  chain input {
    type filter hook input priority filter - 10; policy accept;
    iifname != ${set(bridges)} accept
    ct state established,related accept
    counter drop
  }

  chain forward {
    type filter hook forward priority filter - 10; policy accept;
    iifname != ${set(bridges)} oifname != ${set(bridges)} accept
    ct state established,related accept
    # Within one network.
${each(Object.values(networks), (bridge) => `iifname "${bridge}" oifname "${bridge}" accept`)}
    # Out: ${edge.map(({ name }) => name).join(', ')} only, and to no other network of ours.
${each(edge, (bridge) => `iifname "${bridge}" oifname != ${set(bridges)} accept`)}
    # In: to a published port only, at the address that it is published at.
${each(front, (bridge) => `iifname != ${set(bridges)} oifname "${bridge}" ct status dnat accept`)}
    # ${inside.map(({ name }) => name).join(', ')}: neither.
    counter drop
  }
}
`;
}
