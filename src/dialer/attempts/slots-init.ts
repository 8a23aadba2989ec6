/** How many attempts may be in flight at once: sockets, not peers, are what is scarce */
export interface SlotsInit {
  /**
   * In the whole node. A dial's attempts beside its first one take 60 of them at most where this is not set, and 3/8 of them where it
   * is: silent addresses of some peers do not keep the first attempt to another one waiting
   *
   * @default the node's `maxParallelDials` and 60, which is 160 with libp2p's default of 100
   */
  node?: number
  /**
   * To one peer
   *
   * @default 8
   */
  peer?: number
  /**
   * To one public /24 (IPv4), /48 (IPv6) or domain, of addresses that neither the user nor the configuration gave, no signed record
   * names and no connection has proved: so that a node is not made to attack others by false answers. An attempt counts until its
   * remote is first heard of. However an address is written, the place that it leads to counts: an IPv4 address in an IPv6 one, or in a
   * name of AutoTLS, counts as itself. A name that tells no IP address counts as its domain, the last two labels, or three where the
   * next-to-last has three letters or fewer
   *
   * @default 8
   */
  prefix?: number
  /** For a transport, by its `Symbol.toStringTag`. Default: no limit of its own */
  transport?: Readonly<Record<string, number>>
}
