import { virtualHost } from '../helpers/network/address.ts'

/** The number of addresses of the wanted peer in the answer */
export const FLOOD = 2_000

/** The port at which the wanted peer listens on all addresses. No other node is in that network */
export const PORT = 4001

/** The good address: the peer answers after 40 ms */
export const GOOD = `${virtualHost(4, 0xffff, 'answers', 40)}/tcp/${PORT}`

export interface FloodInit {
  /** The number of addresses that look public, including the good one. The others are of this machine and its network */
  readonly publicCount: number
  /** The index of the good address among those that look public */
  readonly goodAt: number
  /** The behaviour of the other addresses that look public */
  readonly junk: 'silent' | 'refuses'
  /** Whether the addresses that look public come last, or are spread over the answer */
  readonly order: 'last' | 'spread'
}

/** A port without a listener */
const CLOSED = 9

/** The last byte of an address that answers after 16 ms */
const NEAR = 1 << 5 | 2

/**
 * Creates private addresses. Most of them lead to the peer too, and faster than the good address: the mirror answers for every network, and the
 * loopback interface answers by itself. Only a node that does not dial them connects elsewhere
 */
const PRIVATE: ReadonlyArray<(i: number) => string> = [
  i => `/ip4/10.1.${i}.${NEAR}/tcp/${PORT}`,
  i => `/ip4/127.0.${i}.1/tcp/${PORT}`,
  i => `/ip4/169.254.169.254/tcp/${80 + i}`,
  i => `/ip4/192.168.${i}.${NEAR}/tcp/${PORT}`,
  i => `/ip4/172.16.${i}.${NEAR}/tcp/${PORT}`,
  i => `/ip6/fe80::${i.toString(16)}/tcp/${PORT}`,
  i => i === 0 ? `/ip6/::1/tcp/${PORT}` : `/ip6/fd00:b::${i.toString(16)}/tcp/${PORT}`,
  i => `/dns4/host-${i}.localhost/tcp/${PORT}`
]

/** Returns the addresses of one answer in its order */
export function floodOf ({ publicCount, goodAt, junk, order }: FloodInit): string[] {
  const open = Array.from({ length: publicCount }, (_, i) => {
    if (i === goodAt) {
      return GOOD
    }

    return junk === 'silent' ? `${virtualHost(4, i, 'silent', 40)}/tcp/${PORT}` : `${virtualHost(4, i, 'answers', 40)}/tcp/${CLOSED}`
  })
  const near = Array.from({ length: FLOOD - publicCount }, (_, i) => PRIVATE[i % PRIVATE.length]?.(Math.floor(i / PRIVATE.length)) ?? '')

  if (order === 'last') {
    return [...near, ...open]
  }

  const every = Math.floor(near.length / open.length)

  return [...open.flatMap((one, i) => [...near.slice(i * every, (i + 1) * every), one]), ...near.slice(open.length * every)]
}
