import { keepUnless, listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import type { Transport } from '../address/shape.ts'
import type { Candidate, Stage } from '../pipeline/types.ts'

/** For each transport, the one that makes an address at the same host and port redundant */
const SHADOWED_BY: Partial<Record<Transport, Transport>> = { quic: 'quic-v1', webtransport: 'quic-v1', ws: 'tcp', wss: 'tcp' }

/**
 * Creates a filter that drops redundant addresses, as go-libp2p does: QUIC draft-29 and WebTransport if QUIC v1 has the same host and port, and
 * WebSockets if plain TCP has. Put it below `dialable`, so that an address which this node cannot dial makes no other one redundant.
 */
export function unshadowed (): Stage<'candidates', 'candidates', 'unshadowed'> {
  checkArguments('unshadowed()', arguments)

  return listStage('unshadowed', (_dial, work) => ({ candidates }) => {
    const known = new Map(candidates.map(one => [`${one.facts.transport} ${endpointOf(one)}`, one]))

    return keepUnless(candidates, work, candidate => {
      const by = SHADOWED_BY[candidate.facts.transport]
      const shadow = by == null ? undefined : known.get(`${by} ${endpointOf(candidate)}`)

      return shadow == null ? undefined : `shadowed by ${shadow.id}`
    }, 'crowdOut')
  }, { role: 'filter', isPure: true })
}

/** Returns the first host and port of an address as text, with its IPv6 zone */
function endpointOf ({ multiaddr }: Candidate): string {
  const components = multiaddr.getComponents()

  return components.slice(0, components[0]?.name === 'ip6zone' ? 3 : 2).map(({ name, value }) => `${name}/${value}`).join('/')
}
