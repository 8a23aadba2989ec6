import { multiaddr } from '@multiformats/multiaddr'
import test from 'ava'
import { markOf } from '../../../src/pipeline/runtime/live-target.ts'
import { vouchForAddresses, ParsedTarget } from '../../../src/dialer/dials/target.ts'
import { address } from '../../helpers/address.ts'
import type { OuterAttempt } from '../../../src/dialer/attempts/nested.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Enough arguments for one call to overflow the stack */
const MANY = 150_000

function many (): Multiaddr[] {
  return Array.from({ length: MANY }, (_, i) => multiaddr(`/ip4/10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/tcp/1`))
}

test('vouchForAddresses() marks each of many addresses that a transport dials with its source', t => {
  const requested = new ParsedTarget(many())
  const attempt = { candidate: { provenance: [], isCertified: false }, multiaddr: address(1) } as unknown as OuterAttempt
  vouchForAddresses(requested, attempt)
  t.true(requested.multiaddrs.every(one => markOf(one)?.provenance?.[0]?.source === 'derived'))
})
