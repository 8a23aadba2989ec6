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
      const { kind, endpoint } = endpointOf(candidate)

      return SHADOWS.some(({ by }) => by === kind) ? [[`${kind} ${endpoint}`, candidate]] : []
    }))

    return keepUnless(candidates, work, candidate => {
      const { kind, endpoint } = endpointOf(candidate)
      const by = SHADOWS.find(({ others }) => others.some(other => other === kind))?.by
      const shadow = plain.get(`${by} ${endpoint}`)

      return shadow == null ? undefined : `shadowed by ${shadow.id}`
    }, 'crowdOut')
  }, { role: 'filter', isPure: true })
}

/** Returns the outermost transport of an address, with its host and port. A relayed address has none */
function endpointOf ({ multiaddr }: Candidate): { kind: string, endpoint: string } {
  const components = multiaddr.getComponents()
  const names = new Set(components.map(({ name }) => name))

  if (names.has('p2p-circuit')) {
    return { kind: 'relay', endpoint: '' }
  }

  const kind = ['webtransport', 'wss', 'ws', 'webrtc-direct', 'quic-v1', 'quic', 'tcp'].find(name => names.has(name)) ?? 'other'
  const [host, port] = components.filter(({ name }) => name !== 'ip6zone')

  return { kind, endpoint: `${host?.name}/${host?.value}/${port?.name}/${port?.value}` }
}
