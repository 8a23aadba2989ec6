import { virtualHost } from '../helpers/network/address.ts'

/** How many addresses of the wanted peer the answer names */
export const FLOOD = 2_000

/** Of the wanted peer, which listens there on all addresses: nobody else is in that network */
export const PORT = 4001

/** The one that is right: after 40 ms the peer answers */
export const GOOD = `${virtualHost(4, 0xffff, 'answers', 40)}/tcp/${PORT}`

export interface FloodInit {
  /** How many of the addresses look public, the good one included. All others are of this machine and its network */
  readonly publicCount: number
  /** The place of the good one among those that look public, from 0 on */
  readonly goodAt: number
  /** What the others that look public do */
  readonly junk: 'silent' | 'refuses'
  /** Whether those that look public come after all others, or one here and one there */
  readonly order: 'last' | 'spread'
}

/** A port at which nobody listens */
const CLOSED = 9

/** The last byte of an address that answers after 16 ms */
const NEAR = 1 << 5 | 2

/**
 * Most of them do lead to the peer, and sooner than the good one: the mirror answers for every network, and the loopback by
 * itself. Only who does not dial them is not connected there
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

/** The addresses of one answer, in its order */
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
