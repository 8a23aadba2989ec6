import { keepUnless, listStage } from '../pipeline/authoring/list-stage.ts'
import { checkArguments } from '../pipeline/check-options.ts'
import type { Candidate, Stage } from '../pipeline/types.ts'

/** An address with the transport `by` makes the others at the same host and port redundant */
const SHADOWS = [
  { by: 'quic-v1', others: ['quic', 'webtransport'] },
  { by: 'tcp', others: ['ws', 'wss'] }
] as const

/**
 * Creates a filter that drops redundant addresses, as go-libp2p does: QUIC draft-29 and WebTransport if QUIC v1 has the same host and port, and
 * WebSockets if plain TCP has. Put it below `dialable`, so that an address which this node cannot dial makes no other one redundant.
 */
export function unshadowed (): Stage<'candidates', 'candidates', 'unshadowed'> {
  checkArguments('unshadowed()', arguments)

  return listStage('unshadowed', (_dial, work) => ({ candidates }) => {
    const plain = new Map(candidates.flatMap(candidate => {
      const { transport } = candidate.facts

      return SHADOWS.some(({ by }) => by === transport) ? [[`${transport} ${endpointOf(candidate)}`, candidate]] : []
    }))

    return keepUnless(candidates, work, candidate => {
      const by = SHADOWS.find(({ others }) => others.some(other => other === candidate.facts.transport))?.by
      const shadow = by == null ? undefined : plain.get(`${by} ${endpointOf(candidate)}`)

      return shadow == null ? undefined : `shadowed by ${shadow.id}`
    }, 'crowdOut')
  }, { role: 'filter', isPure: true })
}

/** Returns the first host and port of an address as text, with its IPv6 zone */
function endpointOf ({ multiaddr }: Candidate): string {
  const components = multiaddr.getComponents()

  return components.slice(0, components[0]?.name === 'ip6zone' ? 3 : 2).map(({ name, value }) => `${name}/${value}`).join('/')
}
